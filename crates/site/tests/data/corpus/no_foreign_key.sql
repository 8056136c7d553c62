-- Lettings of the known name without a foreign key, and their addresses under another name.
-- refused
-- from: address=lettings_adress
-- shows: Seat at 99 New Quay
DROP TABLE lettings_letting;
ALTER TABLE lettings_address RENAME TO lettings_adress;
CREATE TABLE lettings_letting (id integer NOT NULL PRIMARY KEY, title varchar(256) NOT NULL, address_id bigint NOT NULL UNIQUE);
INSERT INTO lettings_adress VALUES (3, 99, 'New Quay', 'Port', 'CA', 90001, 'USA');
INSERT INTO lettings_letting VALUES (1, 'Seat', 3);
