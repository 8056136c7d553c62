-- Tables without their keys, with rules, a computed column and an index of their owner's, and what an interrupted Django leaves.
-- only: sqlite
-- shows: House at 7 Some Street
DROP TABLE lettings_letting;
CREATE TABLE lettings_letting (id integer, title text COLLATE NOCASE CHECK (length(title) > 2), -- as it is sold
  address_id integer, "the stars" integer DEFAULT 3 CONSTRAINT five CHECK ("the stars" <= 5), code text COLLATE NOCASE UNIQUE, shout text AS (upper(title)) VIRTUAL,
  floor integer, door integer, UNIQUE (floor, door), CHECK (floor IS NULL OR floor < 200));
CREATE INDEX title ON lettings_letting (title);
CREATE TABLE new__lettings_letting (id integer);
INSERT INTO lettings_address VALUES (11, 7, 'Some Street', 'Town', 'GA', 31525, 'USA');
INSERT INTO lettings_letting (id, title, address_id, "the stars", code) VALUES (21, 'House', 11, 5, 'a');
