// An empty stage for the end-to-end tests: they import and run what they need by themselves, so that nothing of the demo's is counted with it.
window.load = (specifier) => import(specifier);
window.labReady = true;
