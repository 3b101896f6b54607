window.PageEventsDisplay = {
  template: '#page-events-display',
  data() {
    return {
      event: null,
      formDialog: {data: {name: '', email: '', ticket_wave_id: null}},
      receive: {show: false, paymentReq: null},
      ticketLink: '',
      orderId: null,
      quote: {}
    }
  },
  computed: {
    activeTicketWaves() {
      const today = new Date().toISOString().slice(0, 10)
      const waves = this.event?.extra?.ticket_waves || []
      return waves.filter(
        wave => wave.opening_date <= today && today <= wave.closing_date
      )
    },
    selectedTicketWave() {
      const {ticket_wave_id} = this.formDialog.data
      const waves = this.activeTicketWaves
      return waves.find(wave => wave.id === ticket_wave_id) || waves[0]
    },
    // What the price depends on, and the language of a refusal.
    quoted() {
      const wave = this.selectedTicketWave?.id
      return [wave, this.formDialog.data.promo_code, this.$i18n.locale].join()
    }
  },
  watch: {
    quoted: _.debounce(function () {
      this.getQuote()
    }, 300),
    // Another buyer, or the next ticket of this one: the form was emptied.
    'formDialog.data.email'() {
      this.orderId = null
    }
  },
  methods: {
    async getEvent() {
      try {
        const {data} = await LNbits.api.request(
          'GET',
          `/events/api/v1/events/${this.eventId}`
        )
        this.event = data
      } catch (error) {
        LNbits.utils.notifyApiError(error)
      }
    },
    inLanguage() {
      return {headers: {'Accept-Language': this.$i18n.locale}}
    },
    async getQuote() {
      const asked = this.quoted
      const quote = {}
      try {
        const {data} = await LNbits.api.request(
          'POST',
          `/events/api/v1/tickets/${this.eventId}/preview`,
          null,
          {
            ticket_wave_id: this.selectedTicketWave?.id,
            promo_code: this.formDialog.data.promo_code || null
          },
          this.inLanguage()
        )
        quote.price = this.$t(
          data.price < data.full_price
            ? 'events.price_reduced'
            : 'events.price',
          {
            price: this.amountLabel(data.price, data.currency),
            full_price: this.amountLabel(data.full_price, data.currency)
          }
        )
      } catch (error) {
        quote.refusal = error.response?.data?.detail
      }
      if (asked === this.quoted) this.quote = quote
    },
    amountLabel(amount, currency) {
      return currency === 'sat'
        ? `${amount} sat`
        : LNbits.utils.formatCurrency(amount, currency)
    },
    async createInvoice() {
      // The same id again, if the answer was lost: the order is sold once.
      this.orderId ??= crypto.randomUUID?.()
      try {
        const {data} = await LNbits.api.request(
          'POST',
          `/events/api/v1/tickets/${this.eventId}`,
          null,
          {
            ...this.formDialog.data,
            promo_code: this.formDialog.data.promo_code || null,
            order_id: this.orderId
          },
          this.inLanguage()
        )
        if (data.paid) return this.paymentSuccess(data.payment_hash)
        this.receive = {show: true, paymentReq: data.payment_request}
        this.paymentWatcher(data.payment_hash)
      } catch (error) {
        LNbits.utils.notifyApiError(error)
      }
    },
    async paymentWatcher(paymentHash) {
      while (this.receive.show) {
        const {data} = await LNbits.api.request(
          'GET',
          `/events/api/v1/tickets/${paymentHash}`
        )
        if (data.paid) return this.paymentSuccess(paymentHash)
        await new Promise(resolve => setTimeout(resolve, 500))
      }
    },
    paymentSuccess(paymentHash) {
      this.receive.show = false
      this.formDialog.data = {name: '', email: '', ticket_wave_id: null}
      this.ticketLink = `/events/ticket/${paymentHash}`
    }
  },
  created() {
    this.eventId = this.$route.params.id
    this.getEvent()
  }
}
