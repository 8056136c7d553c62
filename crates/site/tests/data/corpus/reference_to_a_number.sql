-- Lettings refer to the number of an address, as `to_field` has it in Django's model.
-- refused
DROP TABLE lettings_letting;
CREATE UNIQUE INDEX lettings_address_number ON lettings_address (number);
CREATE TABLE lettings_letting (id integer NOT NULL PRIMARY KEY, title varchar(256) NOT NULL, address_id bigint NOT NULL UNIQUE REFERENCES lettings_address (number) DEFERRABLE INITIALLY DEFERRED);
INSERT INTO lettings_address VALUES (1, 2, 'First Street', 'Town', 'GA', 31525, 'USA');
INSERT INTO lettings_address VALUES (2, 1, 'Second Street', 'Town', 'GA', 31525, 'USA');
INSERT INTO lettings_letting VALUES (21, 'House', 1);
