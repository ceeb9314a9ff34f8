import { Handle, Position, ReactFlow, type Edge, type Node, type NodeProps } from '@xyflow/react'
import '@xyflow/react/dist/base.css'
import { useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { DagNode, DagProps } from './dag-model.ts'
import { StateIcon } from './StateIcon.tsx'
import { layOutDag, nodeHeight, type DagShape } from './dag-layout.ts'
import css from './Dag.module.css'

type StepNode = Node<{ step: DagNode; chosen: boolean }, 'step'>

function StepBox({ data }: NodeProps<StepNode>) {
  const { step, chosen } = data
  return (
    <div className={css['node']} data-chosen={chosen} title={`${step.name}: ${step.word}. ${step.note}`}>
      <Handle type="target" position={Position.Left} className={css['handle'] ?? ''} isConnectable={false} />
      {step.state ? <StateIcon state={step.state} word={step.word} /> : null}
      <div className={css['words']}>
        <div className={css['name']}>{step.name}</div>
        <div className={css['note']}>{step.note}</div>
      </div>
      <Handle type="source" position={Position.Right} className={css['handle'] ?? ''} isConnectable={false} />
    </div>
  )
}

const nodeTypes = { step: StepBox }

export default function DagCanvas({ label, nodes, edges, chosen, onChoose }: DagProps) {
  const box = useRef<HTMLDivElement>(null)
  const [room, setRoom] = useState(0)
  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    setRoom(element.clientWidth)
    const observer = new ResizeObserver(() => setRoom(element.clientWidth))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  // The layout depends on the shape only; a state that changes must not move anything.
  const shape = JSON.stringify({ ids: nodes.map((node) => node.id), edges })
  const laid = useMemo(() => layOutDag(JSON.parse(shape) as DagShape, room), [shape, room])
  const scale = Math.min(1, room / Math.max(1, laid.width))

  const flowNodes = nodes.map((step): StepNode => ({
    id: step.id,
    type: 'step',
    position: laid.places.get(step.id) ?? { x: 0, y: 0 },
    width: laid.nodeWidth,
    height: nodeHeight,
    data: { step, chosen: step.id === chosen },
    ariaLabel: `${step.name}, ${step.word}, ${step.note}`,
  }))
  const flowEdges = edges.map(([from, to]): Edge => ({
    id: `${from}→${to}`,
    source: from,
    target: to,
    focusable: false,
  }))

  return (
    <div
      ref={box}
      className={css['dag']}
      style={{ height: Math.min(520, Math.max(64, laid.height * Math.max(scale, 0.6) + 8)) }}
      role="group"
      aria-label={label}
    >
      {room > 0 ? (
        <ReactFlow
          key={`${shape} ${room}`}
          nodes={flowNodes}
          edges={flowEdges}
          nodeTypes={nodeTypes}
          defaultViewport={{ x: 0, y: 4, zoom: Math.max(scale, 0.6) }}
          minZoom={0.3}
          maxZoom={1.5}
          proOptions={{ hideAttribution: true }}
          nodesDraggable={false}
          nodesConnectable={false}
          zoomOnScroll={false}
          preventScrolling={false}
          zoomOnDoubleClick={false}
          panOnDrag={scale < 0.6 || laid.height > 520}
          onNodeClick={(_, node) => onChoose(node.id)}
          onNodesChange={(changes) => {
            for (const change of changes) if (change.type === 'select' && change.selected) onChoose(change.id)
          }}
        />
      ) : null}
    </div>
  )
}
