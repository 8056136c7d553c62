-- The own tables are there and empty; a view shows the rows of others as the site would have them.
-- refused
-- from: letting=lettings_letting
-- shows:
CREATE TABLE property_flat (flat integer NOT NULL PRIMARY KEY, name varchar(256) NOT NULL, place bigint NOT NULL);
INSERT INTO property_flat VALUES (21, 'House', 11);
CREATE VIEW old_letting AS SELECT flat AS id, name AS title, place AS address_id FROM property_flat;
