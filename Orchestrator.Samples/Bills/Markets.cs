using System.Globalization;

namespace Orchestrator.Samples.Bills;

internal static class Markets
{
    private static readonly string[] GermanMonths = ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"];
    private static readonly string[] EnglishMonths = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
    private static readonly string[] FrenchMonths = ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"];
    private static readonly string[] DutchMonths = ["januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"];
    private static readonly string[] SpanishMonths = ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"];
    private static readonly string[] ItalianMonths = ["gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"];

    public static readonly Market German = new()
    {
        Language = "de", Group = ".", Decimal = ",",
        ShortDate = As("dd.MM.yyyy"), LongDate = date => $"{date.Day}. {GermanMonths[date.Month - 1]} {date.Year}",
        Invoice = "Rechnung", CreditNote = "Gutschrift", Number = "Rechnungs-Nr.", Date = "Rechnungsdatum", Due = "Fällig am", Delivered = "Lieferdatum",
        Customer = "Kunden-Nr.", Order = "Ihre Bestellung", Preceding = "Zu Rechnung", BillTo = "Rechnung an", Pos = "Pos.", Item = "Bezeichnung", Quantity = "Menge",
        Price = "Einzelpreis", Amount = "Gesamt", Vat = "USt.", VatId = "USt-IdNr.", TaxNumber = "Steuernummer", Base = "Nettobetrag", Lines = "Summe Positionen",
        Allowance = "abzgl. Rabatt", Charge = "zzgl. Versandkosten", Net = "Nettosumme", Gross = "Gesamtbetrag", Prepaid = "abzgl. Anzahlung", Rounding = "Rundung",
        Payable = "Zahlbetrag", CarriedForward = "Übertrag", BroughtForward = "Übertrag von Seite", Contact = "Ansprechpartner", Page = "Seite", Of = "von",
        Thanks = "Vielen Dank für Ihren Auftrag.", PayTo = "Bitte überweisen Sie den Betrag auf das unten genannte Konto.",
        Credit = "Den Betrag schreiben wir Ihrem Konto gut.",
    };

    public static readonly Market British = new()
    {
        Language = "en", Group = ",", Decimal = ".",
        ShortDate = As("dd/MM/yyyy"), LongDate = date => $"{date.Day} {EnglishMonths[date.Month - 1]} {date.Year}",
        Invoice = "Invoice", CreditNote = "Credit note", Number = "Invoice no.", Date = "Invoice date", Due = "Payment due", Delivered = "Tax point",
        Customer = "Account", Order = "Your order", Preceding = "Original invoice", BillTo = "Invoice to", Pos = "#", Item = "Description", Quantity = "Qty",
        Price = "Unit price", Amount = "Amount", Vat = "VAT", VatId = "VAT Reg. No.", TaxNumber = "Company No.", Base = "Goods", Lines = "Goods total",
        Allowance = "Less discount", Charge = "Carriage", Net = "Net total", Gross = "Invoice total", Prepaid = "Paid on account", Rounding = "Rounding",
        Payable = "Amount due", CarriedForward = "Carried forward", BroughtForward = "Brought forward from page", Contact = "Contact", Page = "Page", Of = "of",
        Thanks = "Thank you for your business.", PayTo = "Please pay by bank transfer, quoting the invoice number.",
        Credit = "This amount has been credited to your account.",
    };

    public static readonly Market American = British with
    {
        ShortDate = As("MM/dd/yyyy"), LongDate = date => $"{EnglishMonths[date.Month - 1]} {date.Day}, {date.Year}",
        Number = "Invoice #", Date = "Date", Due = "Due date", Delivered = "Service date", Order = "PO number", BillTo = "Bill to", Price = "Rate",
        Vat = "Sales tax", VatId = "Tax ID", TaxNumber = "EIN", Base = "Taxable", Lines = "Subtotal", Charge = "Shipping", Net = "Subtotal", Gross = "Total",
        Prepaid = "Payments", Payable = "Balance due", PayTo = "Please make payment within the stated terms.",
    };

    public static readonly Market Swedish = British with
    {
        Group = " ", Decimal = ",", ShortDate = As("yyyy-MM-dd"), Number = "Invoice number", Due = "Due date", Order = "Buyer order", VatId = "VAT no",
        TaxNumber = "Reg no", Gross = "Total incl VAT", Net = "Total excl VAT", Payable = "To pay",
    };

    public static readonly Market Irish = British with { LongDate = date => $"{date.Day:00}-{EnglishMonths[date.Month - 1][..3]}-{date.Year}", Number = "Invoice Number" };

    public static readonly Market French = new()
    {
        Language = "fr", Group = "\u00A0", Decimal = ",",
        ShortDate = As("dd/MM/yyyy"), LongDate = date => $"{(date.Day == 1 ? "1er" : date.Day)} {FrenchMonths[date.Month - 1]} {date.Year}",
        Invoice = "Facture", CreditNote = "Avoir", Number = "Facture n°", Date = "Date de facture", Due = "Échéance", Delivered = "Date de livraison",
        Customer = "N° client", Order = "Votre commande", Preceding = "Facture d'origine", BillTo = "Facturé à", Pos = "N°", Item = "Désignation", Quantity = "Qté",
        Price = "P.U. HT", Amount = "Montant HT", Vat = "TVA", VatId = "N° TVA", TaxNumber = "SIRET", Base = "Base HT", Lines = "Total lignes HT",
        Allowance = "Remise", Charge = "Frais de port", Net = "Total HT", Gross = "Total TTC", Prepaid = "Acompte versé", Rounding = "Arrondi",
        Payable = "Net à payer", CarriedForward = "À reporter", BroughtForward = "Report de la page", Contact = "Votre contact", Page = "Page", Of = "sur",
        Thanks = "Nous vous remercions de votre confiance.", PayTo = "Règlement par virement à l'échéance indiquée.", Credit = "Montant porté au crédit de votre compte.",
    };

    public static readonly Market Dutch = new()
    {
        Language = "nl", Group = ".", Decimal = ",",
        ShortDate = As("dd-MM-yyyy"), LongDate = date => $"{date.Day} {DutchMonths[date.Month - 1]} {date.Year}",
        Invoice = "Factuur", CreditNote = "Creditnota", Number = "Factuurnummer", Date = "Factuurdatum", Due = "Vervaldatum", Delivered = "Leverdatum",
        Customer = "Klantnummer", Order = "Uw referentie", Preceding = "Betreft factuur", BillTo = "Factuuradres", Pos = "Nr.", Item = "Omschrijving", Quantity = "Aantal",
        Price = "Prijs", Amount = "Bedrag", Vat = "BTW", VatId = "BTW-nummer", TaxNumber = "KvK", Base = "Grondslag", Lines = "Subtotaal",
        Allowance = "Korting", Charge = "Verzendkosten", Net = "Totaal excl. BTW", Gross = "Totaal incl. BTW", Prepaid = "Reeds voldaan", Rounding = "Afronding",
        Payable = "Te betalen", CarriedForward = "Transport", BroughtForward = "Transport van pagina", Contact = "Contactpersoon", Page = "Pagina", Of = "van",
        Thanks = "Hartelijk dank voor uw bestelling.", PayTo = "Gelieve het bedrag voor de vervaldatum over te maken.", Credit = "Het bedrag wordt met u verrekend.",
    };

    public static readonly Market Spanish = new()
    {
        Language = "es", Group = ".", Decimal = ",",
        ShortDate = As("dd/MM/yyyy"), LongDate = date => $"{date.Day} de {SpanishMonths[date.Month - 1]} de {date.Year}",
        Invoice = "Factura", CreditNote = "Factura rectificativa", Number = "Factura n.º", Date = "Fecha de emisión", Due = "Vencimiento", Delivered = "Fecha de entrega",
        Customer = "Cliente n.º", Order = "Su pedido", Preceding = "Rectifica la factura", BillTo = "Cliente", Pos = "Línea", Item = "Concepto", Quantity = "Cant.",
        Price = "Precio", Amount = "Importe", Vat = "IVA", VatId = "NIF-IVA", TaxNumber = "CIF", Base = "Base imponible", Lines = "Suma de líneas",
        Allowance = "Descuento", Charge = "Portes", Net = "Total base imponible", Gross = "Total factura", Prepaid = "Anticipo", Rounding = "Redondeo",
        Payable = "Total a pagar", CarriedForward = "Suma y sigue", BroughtForward = "Suma anterior, página", Contact = "Contacto", Page = "Página", Of = "de",
        Thanks = "Gracias por su confianza.", PayTo = "Forma de pago: transferencia bancaria al vencimiento.", Credit = "El importe se abonará en su cuenta.",
    };

    public static readonly Market Italian = new()
    {
        Language = "it", Group = ".", Decimal = ",",
        ShortDate = As("dd/MM/yyyy"), LongDate = date => $"{date.Day} {ItalianMonths[date.Month - 1]} {date.Year}",
        Invoice = "Fattura", CreditNote = "Nota di credito", Number = "Fattura n.", Date = "Data documento", Due = "Scadenza", Delivered = "Data consegna",
        Customer = "Codice cliente", Order = "Vs. ordine", Preceding = "Rif. fattura", BillTo = "Spett.le", Pos = "Riga", Item = "Descrizione", Quantity = "Q.tà",
        Price = "Prezzo unit.", Amount = "Importo", Vat = "IVA", VatId = "P. IVA", TaxNumber = "Cod. fiscale", Base = "Imponibile", Lines = "Totale merce",
        Allowance = "Sconto", Charge = "Spese di trasporto", Net = "Totale imponibile", Gross = "Totale documento", Prepaid = "Acconto", Rounding = "Arrotondamento",
        Payable = "Netto a pagare", CarriedForward = "A riportare", BroughtForward = "Riporto da pagina", Contact = "Riferimento", Page = "Pag.", Of = "di",
        Thanks = "Vi ringraziamo per la preferenza accordata.", PayTo = "Pagamento: bonifico bancario.", Credit = "L'importo sarà accreditato.",
    };

    public static readonly Market Swiss = German with
    {
        Group = "'", Decimal = ".", Number = "Rechnungsnummer", Vat = "MWST", VatId = "MWST-Nr.", Gross = "Total inkl. MWST", Net = "Total exkl. MWST", Payable = "Zu bezahlen",
        Due = "Zahlbar bis", LongDate = date => $"{date.Day}. {GermanMonths[date.Month - 1]} {date.Year}",
    };

    private static Func<DateOnly, string> As(string format) => date => date.ToString(format, CultureInfo.InvariantCulture);
}
