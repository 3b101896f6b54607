window.PageEvents = {
  template: '#page-events',
  data() {
    return {
      events: [],
      promoCodesDialog: {show: false, data: {extra: {promo_codes: []}}},
      uses: {},
      promoFindings: []
    }
  },
  watch: {
    'promoCodesDialog.data.extra.promo_codes': {
      deep: true,
      handler: _.debounce(function () {
        this.checkPromoCodes()
      }, 300)
    }
  },
  methods: {
    async getEvents() {
      try {
        const {data} = await LNbits.api.request(
          'GET',
          '/events/api/v1/events',
          this.g.user.wallets[0].inkey
        )
        this.events = data
      } catch (error) {
        LNbits.utils.notifyApiError(error)
      }
    },
    async getUses(event) {
      const wallet = _.findWhere(this.g.user.wallets, {id: event.wallet})
      try {
        const {data} = await LNbits.api.request(
          'GET',
          `/events/api/v1/events/${event.id}/report`,
          wallet.adminkey
        )
        this.uses[event.id] = data.uses
      } catch (error) {
        LNbits.utils.notifyApiError(error)
      }
    },
    usesLabel(event, code) {
      const found = this.uses[event.id]?.[code.code]
      if (!found) return ''
      const {used, limit} = found
      return this.$t('events.uses', {used, limit: limit ?? '∞'})
    },
    async checkPromoCodes() {
      const event = this.promoCodesDialog.data
      const wallet = _.findWhere(this.g.user.wallets, {id: event.wallet})
      if (!wallet) return
      const codes = event.extra.promo_codes
      const asked = JSON.stringify(codes)
      let findings = []
      try {
        const {data} = await LNbits.api.request(
          'POST',
          '/events/api/v1/events/check',
          wallet.adminkey,
          event
        )
        findings = data.map(found => ({
          color: found.severity === 'danger' ? 'negative' : 'warning',
          text: `${found.path}: ${found.message}`
        }))
      } catch (error) {
        // What cannot be saved at all.
        const text = error.response?.data?.detail
        if (text) findings = [{color: 'negative', text: String(text)}]
      }
      if (
        asked !== JSON.stringify(this.promoCodesDialog.data.extra.promo_codes)
      )
        return
      for (const found of findings) {
        found.text = found.text.replace(
          /promo_codes\[(\d+)\]/g,
          (path, index) => codes[index]?.code || path
        )
      }
      this.promoFindings = findings
    },
    openPromoCodesDialog(event) {
      this.promoCodesDialog.data = JSON.parse(JSON.stringify(event))
      this.promoCodesDialog.show = true
      this.promoFindings = []
      this.getUses(event)
    },
    addPromoCodeToDialog() {
      const code = {code: '', discount_percent: 0, active: true}
      this.promoCodesDialog.data.extra.promo_codes.push(code)
    },
    async savePromoCodes() {
      const event = this.promoCodesDialog.data
      const wallet = _.findWhere(this.g.user.wallets, {id: event.wallet})
      try {
        await LNbits.api.request(
          'PUT',
          `/events/api/v1/events/${event.id}`,
          wallet.adminkey,
          event
        )
        this.promoCodesDialog.show = false
        await this.getEvents()
        await this.getUses(event)
      } catch (error) {
        LNbits.utils.notifyApiError(error)
      }
    }
  },
  created() {
    this.getEvents()
  }
}
