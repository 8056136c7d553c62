-- The known tables are there and empty, the rows in others.
-- refused
-- from: address=letting_address,letting=letting_letting
-- shows: Cabin at 22 Pier; Loft at 20 Pier
CREATE TABLE letting_address (id integer NOT NULL PRIMARY KEY, number integer NOT NULL, street varchar(64) NOT NULL, city varchar(64) NOT NULL, state varchar(2) NOT NULL, zip_code integer NOT NULL, country_iso_code varchar(3) NOT NULL);
CREATE TABLE letting_letting (id integer NOT NULL PRIMARY KEY, title varchar(256) NOT NULL, address_id integer NOT NULL UNIQUE REFERENCES letting_address (id) DEFERRABLE INITIALLY DEFERRED);
INSERT INTO letting_address VALUES (4, 20, 'Pier', 'Newport', 'CA', 92629, 'USA'), (6, 22, 'Pier', 'Newport', 'CA', 92629, 'USA');
INSERT INTO letting_letting VALUES (2, 'Cabin', 6), (8, 'Loft', 4);
