const shelf = await import('./shelf.js');
