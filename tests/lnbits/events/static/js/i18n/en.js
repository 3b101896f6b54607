window.i18n.global.mergeLocaleMessage('en', {
  events: {
    max_uses: 'Uses in all',
    max_uses_per_identity: 'Uses per person',
    single_use: 'For one use',
    uses: 'Used: {used} of {limit}',
    price: 'Price: {price}',
    price_reduced: 'Price: {price} instead of {full_price}',
    promo_codes: 'Promo codes',
    promo_code: 'Promo code',
    discount: 'Discount (%)',
    show_uses: 'Show uses',
    add_promo_code: 'New code',
    save: 'Save',
    your_name: 'Name',
    your_email: 'E-mail',
    buy: 'Buy',
    ticket: 'Your ticket'
  }
})
