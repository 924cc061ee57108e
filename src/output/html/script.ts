/**
 * What scripts add to a page that is complete without them: a button that copies each change, filter and command, and
 * one for light or dark. It makes elements and text nodes alone, reads no address and sends nothing; the page allows it
 * by its hash.
 */
export const SCRIPT = `'use strict'
for (const code of document.querySelectorAll('code[data-copy]')) {
  const button = document.createElement('button')
  const label = 'Copy ' + code.getAttribute('data-copy')
  button.type = 'button'
  button.className = 'copy'
  button.textContent = label
  button.addEventListener('click', () => {
    const said = (text) => {
      button.textContent = text
      setTimeout(() => { button.textContent = label }, 1500)
    }
    const select = () => {
      getSelection().selectAllChildren(code)
      said('Selected: press Ctrl+C')
    }
    if (navigator.clipboard) navigator.clipboard.writeText(code.textContent).then(() => said('Copied'), select)
    else select()
  })
  code.after(button)
}
const look = document.createElement('button')
look.type = 'button'
look.textContent = 'Light or dark'
look.addEventListener('click', () => {
  const root = document.documentElement
  const now = root.getAttribute('data-theme') || (matchMedia('(prefers-color-scheme:dark)').matches ? 'dark' : 'light')
  root.setAttribute('data-theme', now === 'dark' ? 'light' : 'dark')
})
document.querySelector('nav').append(look)
`
