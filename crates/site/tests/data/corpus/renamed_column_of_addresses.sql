-- Addresses of another name and with a column of another name; nothing else is there.
-- refused
-- from: address=lettings_address
-- shows:
CREATE TABLE property_place (id integer NOT NULL PRIMARY KEY, number integer NOT NULL, street varchar(64) NOT NULL, city varchar(64) NOT NULL, state varchar(2) NOT NULL, postcode integer NOT NULL, country_iso_code varchar(3) NOT NULL);
INSERT INTO property_place VALUES (3, 7, 'Old Street', 'Savannah', 'GA', 31401, 'USA');
