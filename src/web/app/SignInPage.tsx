import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { signIn } from '../../contract/identity.ts'
import { call, type ApiError } from '../lib/api.ts'
import { Button } from '../ui/Button.tsx'
import { CodeBlock } from '../ui/CodeBlock.tsx'
import { TextField } from '../ui/TextField.tsx'
import css from './SignIn.module.css'

export function SignInPage() {
  const [token, setToken] = useState('')
  const client = useQueryClient()
  const session = useMutation<unknown, ApiError>({
    mutationFn: () => call(signIn, { token: token.trim() }),
    onSuccess: () => client.resetQueries(),
  })
  const send = (event?: FormEvent): void => {
    event?.preventDefault()
    if (token.trim() !== '' && !session.isPending) session.mutate()
  }
  return (
    <main className={css['page']}>
      <form className={css['form']} onSubmit={send}>
        <span className={css['logo']} aria-hidden="true">
          M
        </span>
        <h1 className={css['title']}>Sign in to Mainstay</h1>
        <p className={css['text']}>
          This server answers beyond its own machine, so it asks who you are. Paste an API token; this browser keeps it
          for 30 days or until you sign out.
        </p>
        <TextField
          secret
          label="API token"
          value={token}
          onChange={setToken}
          problem={session.error ? problemOf(session.error) : undefined}
        />
        <div>
          <Button weight="primary" busy={session.isPending} onClick={send}>
            Sign in
          </Button>
        </div>
        <p className={css['text']}>
          The first token was printed when the server started. An administrator makes more of them:
        </p>
        <CodeBlock code="mainstay token create YOUR_NAME --role editor" />
      </form>
    </main>
  )
}

const problemOf = (error: ApiError): string =>
  error.status === 401 ? 'No such token, or it has expired.' : `${error.message} ${error.next}`
