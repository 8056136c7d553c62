-- A further column that has to refer to something.
-- refused
DROP TABLE lettings_letting;
CREATE TABLE lettings_letting (id integer NOT NULL PRIMARY KEY, title varchar(256) NOT NULL, address_id bigint NOT NULL UNIQUE REFERENCES lettings_address (id) DEFERRABLE INITIALLY DEFERRED, owner_id integer NOT NULL REFERENCES auth_user (id));
INSERT INTO lettings_address VALUES (11, 7, 'Some Street', 'Town', 'GA', 31525, 'USA');
INSERT INTO lettings_letting VALUES (21, 'House', 11, 1);
