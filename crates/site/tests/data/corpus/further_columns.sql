-- Columns that Django fills by itself and that no other program does: NOT NULL, no default.
-- shows: House at 7 Some Street
DROP TABLE lettings_letting;
CREATE TABLE lettings_letting (id integer NOT NULL PRIMARY KEY, title varchar(256) NOT NULL, address_id bigint NOT NULL UNIQUE REFERENCES lettings_address (id) DEFERRABLE INITIALLY DEFERRED, stars integer NOT NULL CHECK (stars >= 0), note varchar(200) NOT NULL, is_new boolean NOT NULL, seen integer NULL);
INSERT INTO lettings_address VALUES (11, 7, 'Some Street', 'Town', 'GA', 31525, 'USA');
INSERT INTO lettings_letting VALUES (21, 'House', 11, 4, 'by the sea', TRUE, 2);
