export { open, close }  from  "./book.js";
