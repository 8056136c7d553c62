-- Names with capitals, blanks, commas and quotes.
-- refused
ALTER TABLE lettings_letting RENAME TO "Old Letting";
ALTER TABLE lettings_address RENAME TO "address, the ""first""'s";
INSERT INTO "address, the ""first""'s" VALUES (4, 20, 'Pier', 'Newport', 'CA', 92629, 'USA');
INSERT INTO "Old Letting" VALUES (2, 'Cabin', 4);
