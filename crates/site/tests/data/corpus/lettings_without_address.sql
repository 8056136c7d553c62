-- A letting that has lost its address is on no page.
-- only: sqlite
-- shows: House at 7 Some Street
DROP TABLE lettings_letting;
CREATE TABLE lettings_letting (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, title varchar(256) NOT NULL, address_id bigint UNIQUE REFERENCES lettings_address (id) DEFERRABLE INITIALLY DEFERRED);
PRAGMA foreign_keys = OFF;
INSERT INTO lettings_address VALUES (11, 7, 'Some Street', 'Town', 'GA', 31525, 'USA');
INSERT INTO lettings_letting VALUES (21, 'House', 11), (22, 'Hut', NULL), (23, 'Shed', 99);
