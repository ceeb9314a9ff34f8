import { Quiet } from '../../ui/Quiet.tsx'

/** Unlike a dash: the run did log a value. */
export function NotFinite() {
  return (
    <span title="NaN or an infinite value was logged">
      <Quiet>not finite</Quiet>
    </span>
  )
}
