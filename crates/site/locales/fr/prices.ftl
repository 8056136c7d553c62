# Ce que coûtent les locations.
price-from = à partir de { $price } la nuit
