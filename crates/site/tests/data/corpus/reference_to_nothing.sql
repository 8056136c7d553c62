-- What SQLite made of references when Django renamed a table (Django's ticket 29182).
-- only: sqlite
-- shows: House at 7 Some Street
DROP TABLE lettings_letting;
CREATE TABLE lettings_letting (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, title varchar(256) NOT NULL, address_id bigint NOT NULL UNIQUE REFERENCES "lettings_address__old" (id) DEFERRABLE INITIALLY DEFERRED);
INSERT INTO lettings_address VALUES (11, 7, 'Some Street', 'Town', 'GA', 31525, 'USA');
PRAGMA foreign_keys = OFF;
INSERT INTO lettings_letting VALUES (21, 'House', 11);
