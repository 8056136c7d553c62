-- Lettings refer to addresses of another name, while the known table holds others.
-- refused
-- from: address=lettings_address
-- shows: Seat at 5 Known Street
DROP TABLE lettings_letting;
CREATE TABLE lettings_adress (id integer NOT NULL PRIMARY KEY, number integer NOT NULL, street varchar(64) NOT NULL, city varchar(64) NOT NULL, state varchar(2) NOT NULL, zip_code integer NOT NULL, country_iso_code varchar(3) NOT NULL);
CREATE TABLE lettings_letting (id integer NOT NULL PRIMARY KEY, title varchar(256) NOT NULL, address_id bigint NOT NULL UNIQUE REFERENCES lettings_adress (id) DEFERRABLE INITIALLY DEFERRED);
INSERT INTO lettings_adress VALUES (3, 99, 'New Quay', 'Port', 'CA', 90001, 'USA');
INSERT INTO lettings_address VALUES (3, 5, 'Known Street', 'Port', 'CA', 90001, 'USA');
INSERT INTO lettings_letting VALUES (1, 'Seat', 3);
