-- New lettings as a data frame is written; addresses are those of the original site alone.
-- refused
-- from: address=oc_lettings_site_address
-- shows: New Flat at 7 Old Street
DROP TABLE lettings_letting;
DROP TABLE lettings_address;
CREATE TABLE lettings_letting (id integer, title text, address_id integer);
CREATE TABLE oc_lettings_site_address (id integer NOT NULL PRIMARY KEY, number integer NOT NULL, street varchar(64) NOT NULL, city varchar(64) NOT NULL, state varchar(2) NOT NULL, zip_code integer NOT NULL, country_iso_code varchar(3) NOT NULL);
INSERT INTO oc_lettings_site_address VALUES (3, 7, 'Old Street', 'Savannah', 'GA', 31401, 'USA');
INSERT INTO lettings_letting VALUES (5, 'New Flat', 3);
