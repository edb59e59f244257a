/** All of the log panel that its first rows do not need, loaded in one go once they are there. */
export { highlightIn } from './highlights';
export { default as LiveControls } from './LiveControls.svelte';
export { LogActs } from './logActs.svelte';
export { default as LogFilterBar } from './LogFilterBar.svelte';
export { default as LogAbove } from './LogAbove.svelte';
export { default as Minimap } from './Minimap.svelte';
export { keptInAddress } from './readersPlace';
export { Pulse } from './pulse.svelte';
export { selectedLines } from './selected';
