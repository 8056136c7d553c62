import './book.js';
let shelves = 3;
