-- The own tables are there and empty, the rows in old ones, of which one has a column of another name.
-- refused
-- from: address=oc_lettings_site_address,letting=lettings_letting
-- kept: whose rows go back to `oc_lettings_site_address`
-- shows:
CREATE TABLE oc_lettings_site_address (id integer NOT NULL PRIMARY KEY, number integer NOT NULL, street varchar(64) NOT NULL, city varchar(64) NOT NULL, state varchar(2) NOT NULL, zip_code integer NOT NULL, country_iso_code varchar(3) NOT NULL);
CREATE TABLE oc_lettings_site_letting (id integer NOT NULL PRIMARY KEY, name varchar(256) NOT NULL, address_id integer NOT NULL UNIQUE REFERENCES oc_lettings_site_address (id) DEFERRABLE INITIALLY DEFERRED);
INSERT INTO oc_lettings_site_address VALUES (3, 7, 'Old Street', 'Savannah', 'GA', 31401, 'USA');
INSERT INTO oc_lettings_site_letting VALUES (5, 'Old House', 3);
