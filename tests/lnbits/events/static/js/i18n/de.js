window.i18n.global.mergeLocaleMessage('de', {
  events: {
    max_uses: 'Einlösungen insgesamt',
    max_uses_per_identity: 'Einlösungen pro Person',
    single_use: 'Nur einmal einlösbar',
    uses: 'Eingelöst: {used} von {limit}',
    price: 'Preis: {price}',
    price_reduced: 'Preis: {price} statt {full_price}',
    promo_codes: 'Promo-Codes',
    promo_code: 'Promo-Code',
    discount: 'Rabatt (%)',
    show_uses: 'Einlösungen zeigen',
    add_promo_code: 'Neuer Code',
    save: 'Speichern',
    your_name: 'Name',
    your_email: 'E-Mail',
    buy: 'Kaufen',
    ticket: 'Ihr Ticket'
  }
})
