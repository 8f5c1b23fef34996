/** Hides rows that lack the words, or a verdict of those that are pressed; and folders of which no row is left. */
export function startFilter(): void {
  const input = document.querySelector<HTMLInputElement>('#text')
  const form = document.querySelector<HTMLFormElement>('form.filter')
  if (input === null || form === null) return
  const buttons = [...form.querySelectorAll<HTMLButtonElement>('button[data-tag]')]
  const rows = [...document.querySelectorAll<HTMLTableRowElement>('.matrix tr[data-tags]')]

  const apply = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean)
    const tags = buttons.filter(isPressed).map(({ dataset }) => dataset.tag ?? '')
    let left = 0
    for (const row of rows) {
      const own = row.dataset.tags?.split('|') ?? []
      const stays =
        words.every((word) => row.dataset.text?.includes(word)) &&
        (tags.length === 0 || tags.some((tag) => own.includes(tag)))
      row.hidden = !stays
      if (stays) left += 1
    }
    for (const body of document.querySelectorAll<HTMLTableSectionElement>('.matrix tbody'))
      body.hidden = body.querySelector('tr[data-tags]:not([hidden])') === null
    const shown = document.querySelector('#shown')
    const all = left === rows.length
    if (shown) shown.textContent = all ? `${left} scenarios` : `${left} of ${rows.length} scenarios`
    document.querySelector('#none')?.toggleAttribute('hidden', left > 0)
  }

  input.addEventListener('input', apply)
  form.addEventListener('submit', (event) => event.preventDefault())
  for (const button of buttons)
    button.addEventListener('click', () => {
      button.setAttribute('aria-pressed', String(!isPressed(button)))
      apply()
    })
  document.querySelector('[data-clear]')?.addEventListener('click', () => {
    input.value = ''
    for (const button of buttons) button.setAttribute('aria-pressed', 'false')
    apply()
    input.focus()
  })
}

function isPressed(button: HTMLButtonElement): boolean {
  return button.getAttribute('aria-pressed') === 'true'
}
