-- Without a key an id may stand twice.
-- refused
DROP TABLE lettings_letting;
CREATE TABLE lettings_letting (id integer, title text, address_id integer);
INSERT INTO lettings_address VALUES (11, 7, 'Some Street', 'Town', 'GA', 31525, 'USA'), (12, 8, 'Some Street', 'Town', 'GA', 31525, 'USA');
INSERT INTO lettings_letting VALUES (21, 'House', 11), (21, 'Hut', 12), (NULL, 'Shed', 12);
