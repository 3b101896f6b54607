window.i18n.global.mergeLocaleMessage('es', {
  events: {
    max_uses: 'Usos en total',
    max_uses_per_identity: 'Usos por persona',
    single_use: 'De un solo uso',
    uses: 'Usado: {used} de {limit}',
    price: 'Precio: {price}',
    price_reduced: 'Precio: {price} en vez de {full_price}',
    promo_codes: 'Códigos promocionales',
    promo_code: 'Código promocional',
    discount: 'Descuento (%)',
    show_uses: 'Mostrar usos',
    add_promo_code: 'Código nuevo',
    save: 'Guardar',
    your_name: 'Nombre',
    your_email: 'Correo electrónico',
    buy: 'Comprar',
    ticket: 'Su entrada'
  }
})
