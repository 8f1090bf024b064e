namespace Orchestrator.Tests.Documents.Reading;

/// <summary>Invoices of companies that do not exist, as text in the layouts that printers make, with what a person would read from them.</summary>
internal static class PrintedInvoices
{
    internal sealed record Printed(string Name, string? Number, string? Date, string? Currency, decimal? Net, decimal? Tax, decimal? Gross, string Text, decimal? Payable = null, string? Type = null, string? Due = null);

    public static readonly Printed[] All =
    [
        new("English, labels beside", "INV-2024-0871", "2024-03-14", "GBP", 1250.00m, 250.00m, 1500.00m, """
            Northwind Joinery Ltd                                             INVOICE
            14 Harbour Road, Whitby YO21 3PU
            VAT Reg No GB 291 4478 12

            Bill to:                                   Invoice No:     INV-2024-0871
            Merrow & Daughters                         Invoice Date:   14 March 2024
            2 Mill Lane                                Delivery Date:  11 March 2024
            Leeds LS1 4AP                              Due Date:       13 April 2024
                                                       Your Ref:       PO 55120

            Description                        Qty     Unit price      Amount
            Oak window frame                     5         250.00    1,250.00

                                             Subtotal            £1,250.00
                                             VAT @ 20%             £250.00
                                             Total               £1,500.00
            Please pay within 30 days. Registered in England no. 05512213
            """, Due: "2024-04-13"),
        new("English, header row above values", "100457", "2023-11-09", "USD", 840.50m, 67.24m, 907.74m, """
            BRIGHTLEAF SUPPLY CO.
            1200 Canal Street
            New Orleans, LA 70112

            INVOICE

            Invoice #         Date            Terms        Due Date         Sales Rep
            100457            11/09/2023      Net 30       12/09/2023       K. Dunn

            Item           Description                Qty       Rate        Amount
            BL-77          Leaf mulch, bulk             10      84.05       840.50

                                                           Subtotal       $840.50
                                                           Sales tax 8%    $67.24
                                                           TOTAL          $907.74
                                                           Amount paid      $0.00
                                                           Balance due    $907.74
            """, Payable: 907.74m),
        new("English, ambiguous date settled by terms", "7781", "2024-05-06", "USD", null, null, 310.00m, """
            Invoice 7781                                   Coyle Plumbing
            Date 05/06/2024
            Due date 06/05/2024     (30 days)

            Drain repair                                         $310.00
            Total                                                $310.00
            """),
        new("German, block right, two rates", "RE-2024-1188", "2024-06-27", "EUR", 420.00m, 63.60m, 483.60m, """
            Bäckereitechnik Holm GmbH · Werkstraße 8 · 24103 Kiel

            Café Sonnendeck                                   Rechnungs-Nr.:      RE-2024-1188
            Strandweg 3                                       Kunden-Nr.:         30077
            24159 Kiel                                        Rechnungsdatum:     27.06.2024
                                                              Leistungsdatum:     25.06.2024
                                                              Zahlungsziel:       11.07.2024
            Rechnung

            Pos  Bezeichnung                    Menge     Einzelpreis     Gesamtpreis
            1    Wartung Knetmaschine            1 Std        285,00 €       285,00 €
            2    Mehl Type 550, 25 kg            5 Sack        27,00 €       135,00 €

                                       Summe netto                          420,00 €
                                       zzgl. 19 % MwSt. auf 285,00 €         54,15 €
                                       zzgl. 7 % MwSt. auf 135,00 €           9,45 €
                                       Rechnungsbetrag                      483,60 €

            Bankverbindung: IBAN DE89 3704 0044 0532 0130 00, BIC COBADEFFXXX
            USt-IdNr. DE811569869 · Geschäftsführer: Jens Holm · Amtsgericht Kiel HRB 1187
            """, Due: "2024-07-11"),
        new("German, title with number and date", "4711-23", "2023-02-03", "EUR", 99.16m, 18.84m, 118.00m, """
            Fahrrad Wiese e.K.
            Uferweg 2, 50667 Köln

            Herrn Jan Beispiel
            Am Markt 1
            50321 Brühl

                                                                     Köln, den 3. Februar 2023

            Rechnung Nr. 4711-23

            1 Inspektion groß                                              89,00 €
            1 Bremsbeläge                                                  29,00 €
                                                                       ------------
            Gesamtbetrag inkl. MwSt.                                      118,00 €
            Darin enthaltene MwSt. 19 %                                    18,84 €
            Nettobetrag                                                    99,16 €

            Steuernummer 215/5044/1188. Zahlbar sofort ohne Abzug.
            """),
        new("German, small business without VAT", "2024/031", "2024-01-19", "EUR", null, null, 640.00m, """
            Mara Lind Illustration
            Gartenstr. 9, 04103 Leipzig                      Leipzig, 19.01.2024

            Verlag Alte Mühle
            Rechnungsnummer 2024/031
            Leistungszeitraum: Dezember 2023

            Vier Vignetten zu je 160,00 €                                  640,00 €
            Gesamt                                                         640,00 €

            Gemäß § 19 UStG wird keine Umsatzsteuer berechnet.
            Bitte überweisen Sie den Betrag bis zum 02.02.2024.
            """, Due: "2024-02-02"),
        new("German, credit note with minus", "GS-10092", "2024-04-08", "EUR", 50.00m, 9.50m, 59.50m, """
            Lichthaus Kramer GmbH                                          Seite 1 von 1
            Gutschrift

            Gutschrift Nr.        GS-10092
            Datum                 08.04.2024
            zu Rechnung Nr.       RE-98127 vom 12.03.2024

            Rückgabe Stehlampe Arc                                        -50,00 EUR
            Zwischensumme netto                                           -50,00 EUR
            MwSt. 19 %                                                     -9,50 EUR
            Gutschriftsbetrag                                             -59,50 EUR
            """, Type: "381"),
        new("German, prepaid amount", "SR-5520", "2024-08-30", "EUR", 10000.00m, 1900.00m, 11900.00m, """
            Schlussrechnung Nr. SR-5520 vom 30.08.2024
            Bauvorhaben Schulhof Nordstadt, Auftrag vom 02.05.2024

            Gesamtleistung netto                             10.000,00 €
            Umsatzsteuer 19 %                                 1.900,00 €
            Gesamtbetrag brutto                              11.900,00 €
            abzgl. erhaltene Anzahlung vom 15.06.2024        -5.950,00 €
            Noch zu zahlen                                    5.950,00 €
            """, Payable: 5950.00m),
        new("Swiss, apostrophes", "R-20240512", "2024-05-12", "CHF", 2150.00m, 174.15m, 2324.15m, """
            Alpsoft AG, Bahnhofstrasse 7, 8001 Zürich           CHE-116.281.710 MWST

            Rechnung R-20240512
            Datum: 12. Mai 2024              Fällig am: 11. Juni 2024

            Entwicklung Modul Lager                            CHF 2'150.00
            Total exkl. MWST                                   CHF 2'150.00
            MWST 8.1%                                          CHF   174.15
            Total inkl. MWST                                   CHF 2'324.15
            """, Due: "2024-06-11"),
        new("French, labels and spaces in numbers", "F2024-0391", "2024-09-02", "EUR", 3480.00m, 696.00m, 4176.00m, """
            MENUISERIE LACOSTE SARL
            12 rue des Tanneurs - 37000 Tours
            SIRET 44218790000017 - TVA intracommunautaire FR 32 442187900

            FACTURE N° F2024-0391
            Date de facturation : 02/09/2024
            Date d'échéance : 02/10/2024
            Bon de commande n° BC-7741 du 12/07/2024

            Désignation                        Qté     P.U. HT        Montant HT
            Porte chêne massif                   3     1 160,00 €     3 480,00 €

                                                    Total HT          3 480,00 €
                                                    TVA 20 %            696,00 €
                                                    Total TTC         4 176,00 €
                                                    Net à payer       4 176,00 €
            """, Payable: 4176.00m, Due: "2024-10-02"),
        new("French, credit note", "AV-118", "2024-02-11", "EUR", 80.00m, 16.00m, 96.00m, """
            Librairie du Port
            AVOIR n° AV-118 du 11 février 2024
            relatif à la facture n° FC-2210 du 3 janvier 2024

            Retour 4 exemplaires                                  -80,00 €
            Total HT                                              -80,00 €
            TVA 20,00 %                                           -16,00 €
            Total TTC                                             -96,00 €
            """, Type: "381"),
        new("Dutch, labels beside", "2024-00317", "2024-04-17", "EUR", 365.00m, 76.65m, 441.65m, """
            Van der Meulen Installaties B.V.
            Havenstraat 20, 3511 AB Utrecht
            KvK 30214477   BTW NL812233445B01   IBAN NL91 ABNA 0417 1643 00

            FACTUUR
            Factuurnummer      2024-00317
            Factuurdatum       17-04-2024
            Vervaldatum        17-05-2024
            Uw referentie      Keuken begane grond

            Omschrijving                          Aantal    Prijs      Bedrag
            Onderhoud cv-ketel                         1   365,00      365,00

            Totaal excl. BTW                                         € 365,00
            BTW 21%                                                   € 76,65
            Totaal incl. BTW                                         € 441,65
            """, Due: "2024-05-17"),
        new("Dutch, header row", "V24-5512", "2024-07-01", "EUR", 1200.00m, 252.00m, 1452.00m, """
            Drukkerij Wolters

            Factuurnr.        Factuurdatum        Klantnr.        Betaling voor
            V24-5512          01-07-2024          80031           31-07-2024

            5.000 folders A5                                     1.200,00

            Netto bedrag        BTW %        BTW bedrag        Te betalen EUR
            1.200,00            21           252,00            1.452,00
            """),
        new("Spanish, labels beside", "A/2024/0042", "2024-03-22", "EUR", 500.00m, 105.00m, 605.00m, """
            Talleres Ibarra, S.L.                        CIF: B95123456
            Calle Mayor 14, 48001 Bilbao

            FACTURA
            Nº de factura:   A/2024/0042
            Fecha:           22/03/2024
            Fecha de vencimiento: 21/04/2024
            Cliente: Pescados del Norte

            Concepto                                   Importe
            Revisión de motor                         500,00 €

            Base imponible                            500,00 €
            IVA 21%                                   105,00 €
            TOTAL FACTURA                             605,00 €
            """, Due: "2024-04-21"),
        new("Spanish, withholding", "2024-17", "2024-06-05", "EUR", null, null, 1210.00m, """
            Factura núm. 2024-17                       Fecha de emisión: 5 de junio de 2024
            Honorarios por traducción
            Base imponible           1.000,00 €
            IVA 21 %                   210,00 €
            Total con IVA            1.210,00 €
            Retención IRPF 15 %       -150,00 €
            Total a pagar            1.060,00 €
            """),
        new("Italian, title with number", "128/A", "2024-10-15", "EUR", 750.00m, 165.00m, 915.00m, """
            Officina Bianchi S.r.l.
            Via Roma 22, 40121 Bologna - P.IVA IT02345678901

            Fattura n. 128/A del 15/10/2024
            Spett.le Rossi Costruzioni S.p.A.

            Descrizione                                   Importo
            Riparazione gru                                750,00

            Imponibile                                   € 750,00
            IVA 22%                                      € 165,00
            Totale fattura                               € 915,00
            Scadenza: 14/11/2024
            """, Due: "2024-11-14"),
        new("Italian, header row with month name", "FT 2024 55", "2024-05-07", "EUR", 200.00m, 44.00m, 244.00m, """
            Numero documento        Data documento         Codice cliente
            FT 2024 55              7 maggio 2024          C00912

            Consulenza                                     200,00
            Totale imponibile                              200,00
            Totale imposta                                  44,00
            Totale documento EUR                           244,00
            """),
        new("Labels in one column, values in another line", "88213", "2024-02-29", "EUR", 1000.00m, 0.00m, 1000.00m, """
            Ocean Freight Lines BVBA                       BE 0428.750.985
            Invoice number
            88213
            Invoice date
            29/02/2024

            Sea freight Antwerp - Bergen           1,000.00
            Total excl. VAT                    EUR 1,000.00
            VAT 0% (reverse charge)            EUR     0.00
            Total incl. VAT                    EUR 1,000.00
            """),
        new("Totals in a table with a row of heads, no currency", "KR-4420", "2024-11-11", null, 326.05m, 61.95m, 388.00m, """
            Großhandel Petersen KG                              Beleg-Nr   : KR-4420
            Lieferschein-Datum : 09.11.2024                     Beleg-Datum: 11.11.2024

            Artikel 1                                            326,05

            Warenwert      Nettobetrag     MwSt-%     MwSt-Betrag      Endbetrag
            326,05         326,05          19,0       61,95            388,00
            """),
        new("Receipt with whole amounts", "TX90817", "2024-12-24", "INR", null, null, 4500m, """
            HOTEL RECEIPT
            Receipt No: TX90817                  Date: 24/12/2024
            Room charges 3 nights                           Rs 4500
            Grand Total                                     Rs 4500
            Balance                                         Rs 0
            """),
        new("Two pages, total on the second", "INV/55/2024", "2024-08-19", "EUR", 4300.00m, 903.00m, 5203.00m, """
            Fenwick Controls                        Page 1 of 2
            Invoice: INV/55/2024        Invoice date: 19-Aug-2024
            Line 1                                     2,000.00
            Carried forward                            2,000.00
            """ + "\f" + """
            Fenwick Controls                        Page 2 of 2
            Invoice: INV/55/2024
            Line 2                                     2,300.00
            Net amount                             EUR 4,300.00
            VAT 21%                                EUR   903.00
            Invoice total                          EUR 5,203.00
            """),
        new("Discount between lines and net", "9907", "2024-01-05", "EUR", 190.00m, 39.90m, 229.90m, """
            Factuur 9907                             Datum: 5 januari 2024
            Subtotaal                                 200,00
            Korting 5%                                -10,00
            Totaal exclusief btw                      190,00
            Btw 21%                                    39,90
            Totaal te betalen                       € 229,90
            """),
        new("Only dates of other things", null, null, "EUR", 84.03m, 15.97m, 100.00m, """
            Rechnung
            Lieferdatum: 03.04.2024
            Bestellung vom 01.04.2024
            Zahlbar bis 17.04.2024
            Kundennummer: 4711

            Netto         84,03 €
            MwSt. 19 %    15,97 €
            Brutto       100,00 €
            """),
        new("Canadian with two taxes", "C-1001", "2024-07-15", "CAD", 200.00m, 29.95m, 229.95m, """
            Maple Tools Inc., Montréal, Québec, Canada
            Invoice number: C-1001
            Invoice date: July 15, 2024
            Subtotal                $200.00
            GST 5%                   $10.00
            QST 9.975%               $19.95
            Total                   $229.95
            """),
        new("Monthly service, labels without colons", "8F2C1A3B-0001", "2024-03-03", "USD", 100.00m, 20.00m, 120.00m, """
            Invoice
            Invoice number 8F2C1A3B-0001
            Date of issue March 3, 2024
            Date due March 17, 2024

            Cloudbase, Inc.                     Bill to
            548 Market Street                   Holm Bakery
            San Francisco, California 94104     Kiel, Germany

            $120.00 USD due March 17, 2024

            Description                 Qty     Unit price      Tax      Amount
            Team plan
            Mar 3 – Apr 3, 2024           1        $100.00      20%     $100.00

                                                Subtotal                $100.00
                                                Total excluding tax     $100.00
                                                VAT - Germany (20% on $100.00)   $20.00
                                                Total                   $120.00
                                                Amount due          $120.00 USD
            """, Payable: 120.00m, Due: "2024-03-17"),
        new("Stacked labels in a middle column", "INV-0034", "2024-03-20", "NZD", 1000.00m, 150.00m, 1150.00m, """
                                                          Invoice Date                Kauri Design Limited
            TAX INVOICE                                   20 Mar 2024                 23 Main Street
                                                                                      Wellington 6011
            Tui Brewing Ltd                               Invoice Number              NEW ZEALAND
            PO Box 1234                                   INV-0034
            Nelson 7010                                                               GST Number 101-222-333
                                                          Reference
                                                          Labels 2024

            Description                       Quantity        Unit Price      Amount NZD
            Label design                          4.00            250.00        1,000.00

                                                              Subtotal          1,000.00
                                                       TOTAL GST 15%              150.00
                                                           TOTAL NZD            1,150.00
            Due Date: 20 Apr 2024
            """, Due: "2024-04-20"),
        new("Two boxes at the right", "1042", "2024-03-21", "USD", null, null, 1234.00m, """
            Pine Street Electric                                              Invoice
            88 Pine Street
            Portland, OR 97204                                   Date          Invoice #
                                                                 3/21/2024     1042

            Bill To
            Harbor Cafe

            P.O. No.       Terms        Project
            7781           Due on receipt

            Quantity   Description                         Rate        Amount
            1          Rewire kitchen                  1,234.00      1,234.00

                                                           Total       $1,234.00
            """),
        new("German web shop, delivery and invoice date in one", "DE40012345INV", "2023-05-03", "EUR", 42.01m, 7.98m, 49.99m, """
            Verkauft von Kleinwaren Handels GmbH                               Rechnung
            USt-ID DE287654321
                                                                  Zahlbetrag                49,99 €
            Tina Muster                                           Rechnungsnummer           DE40012345INV
            Lindenallee 5                                         Rechnungsdatum/Lieferdatum   03 Mai 2023
            10115 Berlin

            Bestelldatum 01 Mai 2023          Bestellnummer 302-1234567-7654321

            Beschreibung          Menge   Stückpreis (ohne USt.)   USt. %   Stückpreis (inkl. USt.)   Zwischensumme (inkl. USt.)
            Kaffeemühle             1            42,01 €             19%          49,99 €                  49,99 €

            Gesamtpreis    49,99 €
            USt. %       Zwischensumme (ohne USt.)      USt.
            19%          42,01 €                        7,98 €
            USt. Gesamt  42,01 €                        7,98 €
            """),
        new("German number and date in one label", "90017734", "2024-01-07", "EUR", 3283.80m, 623.92m, 3907.72m, """
            Rechnung                                          Information
            Nummer/Datum                                      90017734 / 07.01.2024
            Bestellnummer/Datum                               EB-6534 / 03.01.2024
            Lieferscheinnr./Datum                             8000337 / 05.01.2024
            Kundennummer                                      1175
            Währung                                           EUR

            Positionen netto                                                 3.283,80
            Ausgangssteuer      19,000 %                    3.283,80           623,92
            Endbetrag                                                        3.907,72
            """),
        new("French telephone bill", "FB24-887123", "2024-06-12", "EUR", 33.32m, 6.66m, 39.98m, """
            Votre facture du 12 juin 2024
            n° de facture : FB24-887123
            n° client : 10023344
            Montant à payer 39,98 € avant le 28 juin 2024

                                                        montant HT      TVA       montant TTC
            Abonnements du 12/06 au 11/07                   33,32      6,66             39,98
            Total de votre facture                          33,32      6,66             39,98
            """),
        new("French, amounts before prepayment", "2024-FA-77", "2024-09-19", "EUR", 900.00m, 90.00m, 990.00m, """
            SCI Les Pins                                        Lyon, le 19 septembre 2024
            FACTURE 2024-FA-77
            Travaux de peinture                   900,00 €
            Total H.T.                            900,00 €
            T.V.A. 10 %                            90,00 €
            Total T.T.C.                          990,00 €
            Acompte versé le 01/08/2024          -300,00 €
            Reste à payer                         690,00 €
            """, Payable: 690.00m),
        new("Belgian in two languages", "VF-2024-118", "2024-10-04", "EUR", 80.00m, 16.80m, 96.80m, """
            De Smet NV, Gent                     BTW/TVA BE 0456.789.123
            FACTUUR / FACTURE
            Factuurnummer / Numéro de facture :  VF-2024-118
            Factuurdatum / Date de facture :     04/10/2024
            Vervaldatum / Date d'échéance :      03/11/2024
            Maatstaf van heffing / Base imposable           80,00
            BTW / TVA 21 %                                  16,80
            Totaal / Total EUR                              96,80
            """, Due: "2024-11-03"),
        new("Spanish with short labels", "F24/0099", "2024-11-30", "EUR", 60.00m, 12.60m, 72.60m, """
            Fra. Nº: F24/0099           Fecha fra.: 30-11-2024
            Cliente: 4400
            Servicio de limpieza                60,00
            Base Imp.        % IVA      Cuota        Total Factura
            60,00            21,00      12,60        72,60 €
            """),
        new("Spanish telephone with month name", "TA6C01234567", "2024-02-01", "EUR", 41.32m, 8.68m, 50.00m, """
            Factura TA6C01234567
            Fecha de emisión: 1 de febrero de 2024
            Período de facturación: 1 ene a 31 ene 2024
            Total (base imponible)          41,32 €
            IVA (21%)                        8,68 €
            Total a pagar                   50,00 €
            """),
        new("Italian public sector", "45/PA", "2024-05-12", "EUR", 2500.00m, 550.00m, 3050.00m, """
            FATTURA NR 45/PA DEL 12-05-2024
            Cedente/prestatore: Studio Verdi
            Tot. Imponibile      2.500,00
            Tot. IVA               550,00
            TOT. DOCUMENTO     € 3.050,00
            """),
        new("Italian header row, narrow", "2024/310", "2024-06-30", "EUR", 100.00m, 22.00m, 122.00m, """
            Cartoleria Neri S.n.c.
            TIPO DOCUMENTO   NUMERO DOCUMENTO   DATA DOCUMENTO   PAGAMENTO
            Fattura          2024/310           30/06/2024       Bonifico 30 gg
            IMPONIBILE       ALIQUOTA           IMPOSTA          TOTALE DOCUMENTO
            100,00           22                 22,00            122,00 EUR
            """),
        new("Polish", "FV/12/2024", "2024-03-03", "PLN", 1000.00m, 230.00m, 1230.00m, """
            Faktura VAT nr FV/12/2024
            Data wystawienia: 2024-03-03       Data sprzedaży: 2024-03-01
            Razem netto                1 000,00
            Kwota VAT 23%                230,00
            Razem brutto               1 230,00
            Do zapłaty: 1 230,00 zł
            """),
        new("Rates in a table, without sums by label", "77-4", "2024-12-02", "EUR", 350.00m, 45.50m, 395.50m, """
            Rechnung 77-4 vom 2.12.2024
            MwSt-Satz     Netto       MwSt       Brutto
            19 %          175,00      33,25      208,25
            7 %           175,00      12,25      187,25
            Summe         350,00      45,50      395,50 EUR
            """),
        new("Total in words and in figures, cash rounding", "B-5", "2024-04-09", "CHF", 92.50m, 7.49m, 100.00m, """
            Quittung Nr. B-5                   Zürich, 9. April 2024
            Netto                 CHF 92.50
            MWST 8.1 %            CHF  7.49
            Rundung               CHF  0.01
            Total                 CHF 100.00
            In Worten: einhundert
            """),
        new("Invoice in British pounds without sign on lines", "SI-20881", "2024-08-05", "GBP", 240.00m, 48.00m, 288.00m, """
            SALES INVOICE
            Invoice No.    SI-20881            Account Ref   HOLM01
            Tax Point      05/08/2024          Order No      4410

            Goods                240.00
            Total Net Amount     240.00
            Carriage Net           0.00
            Total Tax Amount      48.00
            Invoice Total    £   288.00
            VAT Reg No: GB 291 4478 12
            """),
        new("Reverse charge without a tax row", "RC-9", "2024-07-08", "EUR", null, null, 5000.00m, """
            Invoice RC-9                     Date: 8 July 2024
            Consulting June 2024                 5,000.00 EUR
            Total amount                         5,000.00 EUR
            VAT reverse charged to the recipient according to Art. 196.
            """),
        new("Title spaced out, block of labels with dots", "KR876", "2024-10-06", "EUR", 1056.05m, 200.65m, 1256.70m, """
            R E C H N U N G
            Beleg-Nr ......... : KR876
            Beleg-Datum ...... : 06.10.2024
            Liefer-Datum ..... : 30.09.2024
            Nettobetrag ...... :   1.056,05
            MwSt-Betrag 19% .. :     200,65
            Endbetrag EUR .... :   1.256,70
            """),
        new("A quote's number and an order's stand nearer than the invoice's", "500123", "2024-05-17", "USD", 75.00m, 0.00m, 75.00m, """
            Quote No: Q-881        Order No: SO-771       Customer No: C-19
            Invoice No: 500123     Shipped: 05/16/2024    Invoice Date: 05/17/2024
            Subtotal 75.00
            Sales Tax 0.00
            Total $75.00
            """),
        new("Portuguese", "FT 2024/118", "2024-09-10", "EUR", 200.00m, 46.00m, 246.00m, """
            Fatura n.º FT 2024/118
            Data de emissão: 10/09/2024     Vencimento: 10/10/2024
            Valor líquido          200,00
            IVA 23%                 46,00
            Total a pagar        246,00 €
            """),
        new("Insurance, tax within the total and a date in a sentence", "VS-44.120.7", "2024-03-11", "EUR", 184.87m, 35.13m, 220.00m, """
            Beitragsrechnung Nr. VS-44.120.7                                11. März 2024
            vierteljährlicher Beitrag                                            220,00 €
            darin enthaltene Versicherungsteuer 19 %                             (35,13 €)
            Rechnungsbetrag                                                      220,00 €
            Ausstehende Forderung am Ausstellungstag (Stand 04.03.2024)            0,00 €
            """),
        new("Rows of rates with a row of sums, negative", "RK-2101", "2024-09-16", "EUR", -7.67m, -1.12m, -8.79m, """
            Rechnungskorrektur RK-2101
            Beleg-Datum: 16.09.2024
            Warenwert      Zu-/Abschlag      Nettobetrag       MwSt-Betrag    MwSt-%       Endbetrag
                -5,00              0,15            -4,85             -0,92     19,0            -5,77
                -2,90              0,08            -2,82             -0,20      7,0            -3,02
                -7,90              0,23            -7,67             -1,12      EUR            -8,79
            """, Type: "384"),
        new("English, centred heading and ruled table", "GW/2024/5581", "2024-02-12", "EUR", 1480.00m, 340.40m, 1820.40m, """
                                              GREENWAY LANDSCAPES LIMITED
                                        Unit 4, Ballymount Park, Dublin 12, Ireland
                                     Tel: 01 555 0188   VAT No. IE6388047V

                                                      SALES INVOICE

            To:  The Manager                                              Invoice Ref :   GW/2024/5581
                 Hazel Hotel                                              Tax Date    :   12th February 2024
                 Kildare                                                  A/C No      :   HAZ001
            ---------------------------------------------------------------------------------------------
            | Details                              | Qty |   Price |  VAT %  |      Net |
            | Spring planting                      |   4 |  370.00 |   23.00 |  1480.00 |
            ---------------------------------------------------------------------------------------------
                                                                      Goods Total         1480.00
                                                                      VAT Total            340.40
                                                                      Invoice Total  EUR  1820.40
            """),
        new("Only a balance, with payments", "3391", "2024-10-02", "USD", null, null, 450.00m, """
            Invoice #3391
            Oct 2, 2024
            Lawn care September        $450.00
            Total                      $450.00
            Paid                       $200.00
            Balance Due                $250.00
            """, Payable: 250.00m),
        new("German craftsman, labour share told apart", "2024-0456", "2024-05-22", "EUR", 1310.00m, 248.90m, 1558.90m, """
            Malermeister Voss                                     Rechnung
            Deichstr. 4 · 26506 Norden                            Nr.: 2024-0456
                                                                  Datum: 22.05.2024
            Familie Jansen                                        Seite: 1/1

            Lohnanteil                             890,00 €
            Material                               420,00 €

            Nettosumme                           1.310,00 €
            19,00 % USt.                           248,90 €
            Gesamtsumme                          1.558,90 €
            Im Rechnungsbetrag sind Lohnkosten von 1.059,10 € enthalten.
            """),
        new("German energy bill with many sums", "7200 4481 22", "2024-01-31", "EUR", 1512.61m, 287.39m, 1800.00m, """
            Stadtwerke Musterstadt GmbH
            Ihre Jahresabrechnung Strom                       Rechnungsnummer: 7200 4481 22
            Abrechnungszeitraum 01.01.2023 - 31.12.2023       Rechnungsdatum: 31.01.2024
                                                              Zählernummer: 1EMH0012345678
            Verbrauch 4.210 kWh
            Arbeitspreis                                       1.263,00 €
            Grundpreis                                           249,61 €
            Rechnungsbetrag netto                              1.512,61 €
            Umsatzsteuer 19 %                                    287,39 €
            Rechnungsbetrag brutto                             1.800,00 €
            abzüglich geleisteter Abschläge                    1.680,00 €
            Nachzahlung                                          120,00 €
            """, Payable: 120.00m),
        new("Dutch with a greeting and the amount in a sentence", "24.0071", "2024-06-06", "EUR", 250.00m, 52.50m, 302.50m, """
            Utrecht, 6 juni 2024
            Betreft: factuur 24.0071
            Geachte heer De Wit,
            Voor de uitgevoerde werkzaamheden brengen wij u in rekening:
            Werkzaamheden mei                  € 250,00
            21% btw                            €  52,50
            Totaal te voldoen                  € 302,50
            Gelieve dit bedrag voor 6 juli 2024 over te maken onder vermelding van factuurnummer 24.0071.
            """),
        new("French freelance, no VAT", "2024-014", "2024-07-30", "EUR", null, null, 1350.00m, """
            Camille Arnaud, traductrice                            Facture n° 2024-014
            SIRET 812 345 678 00019                                Émise le 30/07/2024
            Traduction 9 000 mots                                        1 350,00 €
            Total                                                        1 350,00 €
            TVA non applicable, art. 293 B du CGI
            Échéance : 29/08/2024
            """, Due: "2024-08-29"),
        new("Receipt of a shop", "004512", "2024-03-09", "EUR", 10.92m, 2.08m, 13.00m, """
            SUPERMERCADO LA PLAZA S.A.  CIF A28123456
            FACTURA SIMPLIFICADA Nº 004512
            09/03/2024 18:22
            PAN               2,00
            QUESO            11,00
            TOTAL            13,00 EUR
            TARJETA          13,00
            IVA    BASE    CUOTA
            19%    10,92    2,08
            """),
        new("Two currencies, one of them told", "EX-77", "2024-04-04", "USD", 1000.00m, 0.00m, 1000.00m, """
            COMMERCIAL INVOICE   No. EX-77    dated 04 April 2024
            Invoice currency: USD
            Machine parts                   1,000.00
            Net total                       1,000.00
            VAT 0%                              0.00
            Total                           1,000.00
            For customs only: EUR 921.40 at a rate of 0.9214
            """),
        new("A note of fees with a slash in its number", "12/24", "2024-06-03", "EUR", 2000.00m, 380.00m, 2380.00m, """
            Dr. Ada Stern, Patentanwältin                              Bremen, den 3. Juni 2024
            Honorarnote Nr. 12/24
            Gutachten                         2.000,00 €
            Nettosumme                        2.000,00 €
            USt. 19 %                           380,00 €
            Gesamtbetrag                      2.380,00 €
            """),
        new("Rates told in sentences below the total", "77-0815", "2024-02-20", "EUR", 224.18m, 22.62m, 246.80m, """
            RECHNUNG Nr. 77-0815                 Datum: 20.02.2024
            18.02.2024     Zimmer                            1      89,00        178,00
            Rechnungsbetrag brutto EUR                                           246,80
            darin 19 % MwSt. 10,98 auf netto 57,82 = brutto 68,80
            darin 7 % MwSt. 11,64 auf netto 166,36 = brutto 178,00
            """),
    ];
}
