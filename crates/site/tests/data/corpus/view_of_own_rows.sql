-- A view of the site's own rows hides nothing.
-- shows: New Flat at 12 Quay
INSERT INTO lettings_address (number, street, city, state, zip_code, country_iso_code) VALUES (12, 'Quay', 'Newport', 'CA', 92660, 'USA');
INSERT INTO lettings_letting (title, address_id) SELECT 'New Flat', id FROM lettings_address;
CREATE VIEW any_letting AS SELECT id, title, address_id FROM lettings_letting;
