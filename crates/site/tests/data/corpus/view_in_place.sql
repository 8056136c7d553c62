-- A view has the name of a table.
-- refused
DROP TABLE lettings_letting;
CREATE TABLE property_flat (id integer NOT NULL PRIMARY KEY, name varchar(256) NOT NULL, address_id bigint NOT NULL UNIQUE REFERENCES lettings_address (id) DEFERRABLE INITIALLY DEFERRED);
INSERT INTO lettings_address (id, number, street, city, state, zip_code, country_iso_code) VALUES (11, 7, 'Some Street', 'Town', 'GA', 31525, 'USA');
INSERT INTO property_flat VALUES (21, 'House', 11);
CREATE VIEW lettings_letting AS SELECT id, name AS title, address_id FROM property_flat;
