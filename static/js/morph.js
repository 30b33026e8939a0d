// What somebody is typing in stays as it is while the page around it is morphed.
Idiomorph.defaults.ignoreActiveValue = true;
