-- The new addresses are others than those that the old lettings mean without a foreign key.
-- refused
-- from: address=lettings_address
-- shows: Old House at 5 New Street
DELETE FROM django_migrations WHERE app IN ('lettings', 'profiles') AND name <> '0001_initial';
CREATE TABLE oc_lettings_site_address (id integer NOT NULL PRIMARY KEY, number integer NOT NULL, street varchar(64) NOT NULL, city varchar(64) NOT NULL, state varchar(2) NOT NULL, zip_code integer NOT NULL, country_iso_code varchar(3) NOT NULL);
CREATE TABLE oc_lettings_site_letting (id integer, title text, address_id integer);
INSERT INTO oc_lettings_site_address VALUES (3, 7, 'Old Street', 'Savannah', 'GA', 31401, 'USA');
INSERT INTO oc_lettings_site_letting VALUES (5, 'Old House', 3);
INSERT INTO lettings_address VALUES (3, 5, 'New Street', 'Town', 'GA', 31525, 'USA');
