/** Arrow keys go from cell to cell of the matrix, over cells that are no links and rows that are hidden. */
export function moveInMatrix(event: KeyboardEvent): void {
  const cell = event.target instanceof Element ? event.target.closest('.matrix td') : null
  if (!(cell instanceof HTMLTableCellElement)) return
  const next = neighbours(cell, event.key).find((other) => other.querySelector('a') !== null)
  if (next === undefined) return
  event.preventDefault()
  next.querySelector('a')?.focus()
}

/** Cells in the direction of a key, the nearest first; none for other keys. */
function neighbours(cell: HTMLTableCellElement, key: string): Element[] {
  const row = cell.closest('tr')
  if (row === null) return []
  const rows = [...document.querySelectorAll<HTMLTableRowElement>('.matrix tr[data-tags]:not([hidden])')]
  const at = rows.indexOf(row)
  const column = (own: HTMLTableRowElement) => own.cells[cell.cellIndex] ?? []
  switch (key) {
    case 'ArrowRight':
      return [...row.cells].slice(cell.cellIndex + 1)
    case 'ArrowLeft':
      return [...row.cells].slice(0, cell.cellIndex).reverse()
    case 'ArrowDown':
      return rows.slice(at + 1).flatMap(column)
    case 'ArrowUp':
      return rows.slice(0, at).reverse().flatMap(column)
    default:
      return []
  }
}
