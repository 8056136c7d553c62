import { open, close as shut } from './shelf.js';

open("The Book of Books");
shut();
//# sourceMappingURL=app.js.map
