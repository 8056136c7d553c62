# What lettings cost.
price-from = from { $price } a night
