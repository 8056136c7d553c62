-- The same, and tables that changes of the past have left, under the names that changes use.
-- only: sqlite
-- shows: Seat at 99 New Quay
DROP TABLE lettings_letting;
ALTER TABLE lettings_address RENAME TO lettings_adress;
CREATE TABLE lettings_letting (id integer NOT NULL PRIMARY KEY, title varchar(256) NOT NULL, address_id bigint NOT NULL UNIQUE REFERENCES lettings_adress (id) DEFERRABLE INITIALLY DEFERRED);
INSERT INTO lettings_adress VALUES (3, 99, 'New Quay', 'Port', 'CA', 90001, 'USA');
INSERT INTO lettings_letting VALUES (1, 'Seat', 3);
CREATE TABLE new__lettings_letting (id integer NOT NULL PRIMARY KEY, note text);
INSERT INTO new__lettings_letting VALUES (1, 'Do not lose');
CREATE TABLE lettings_letting__old (id integer NOT NULL PRIMARY KEY, note text);
CREATE VIEW seat AS SELECT title FROM lettings_letting;
