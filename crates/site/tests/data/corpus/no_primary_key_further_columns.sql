-- The same with a column and an index of the data frame's own.
-- shows: House at 7 Some Street
DROP TABLE lettings_letting;
CREATE TABLE lettings_letting ("index" bigint, id integer, title text, address_id integer, stars integer DEFAULT 3);
CREATE INDEX ix_lettings_letting_index ON lettings_letting ("index");
INSERT INTO lettings_address VALUES (11, 7, 'Some Street', 'Town', 'GA', 31525, 'USA');
INSERT INTO lettings_letting VALUES (0, 21, 'House', 11, 5);
