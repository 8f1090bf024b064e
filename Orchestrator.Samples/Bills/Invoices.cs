using Orchestrator.Samples.Layouts;
using static Orchestrator.Samples.Bills.Companies;

namespace Orchestrator.Samples.Bills;

/// <summary>The 22 invoices of `22-invoices.pdf`, in its order. Two of Nordlicht and two of Kessler stand together, because that is the hard case for a splitter.</summary>
internal static class Invoices
{
    public static IReadOnlyList<Bill> All =>
    [
        new()
        {
            File = "01-nordlicht-RE-260417", Layout = DinLetter.Draw, Market = Markets.German, Supplier = Nordlicht, Buyer = Acme, Xml = EmbeddedXml.En16931,
            Number = "RE-260417", Date = On(3, 4), Delivered = On(3, 2), Due = On(4, 3), Customer = "K-40118", PurchaseOrder = "4500-118203", Contact = "Frau Jensen", Charge = 14.90m,
            Items = OfficeSupplies,
        },
        new()
        {
            File = "02-nordlicht-RE-260466", Layout = DinLetter.Draw, Market = Markets.German, Supplier = Nordlicht, Buyer = Acme,
            Number = "RE-260466", Date = On(3, 11), Delivered = On(3, 10), Due = On(4, 10), Customer = "K-40118", PurchaseOrder = "4500-118290", Contact = "Frau Jensen",
            Items = [new("STU-220", "Bürodrehstuhl Modell Fjord, schwarz", 4, "C62", 289.00m, 19), new("TIS-118", "Schreibtischplatte 160 x 80 cm, Eiche", 2, "C62", 174.50m, 19)],
        },
        new()
        {
            File = "03-brandauer-2026-0147", Layout = ProseLetter.Draw, Market = Markets.German, Supplier = Brandauer, Buyer = Acme,
            Number = "2026/0147", Date = On(3, 3), Due = On(3, 17), Note = "in Sachen Liefervertrag Weber (unser Zeichen 88/26)",
            Items = [new("", "Prüfung und Überarbeitung des Rahmenvertrages", 6.5m, "HUR", 240m, 19), new("", "Besprechung am 24. Februar 2026 in Ihrem Hause", 2m, "HUR", 240m, 19), new("", "Auslagenpauschale", 1, "C62", 20m, 19)],
        },
        new()
        {
            File = "04-lindenhof-88-1204", Layout = Guesthouse.Draw, Market = Markets.German, Supplier = Lindenhof, Buyer = Acme, PricesIncludeVat = true,
            Number = "88-1204", Date = On(2, 20), Delivered = On(2, 20), Contact = "Herr Wagner", Note = "Bezahlt mit Karte, vielen Dank.",
            Items =
            [
                new("", "Übernachtung Einzelzimmer", 1, "C62", 89m, 7, On(2, 18)), new("", "Frühstück", 1, "C62", 14.50m, 19, On(2, 18)), new("", "Halbpension Abend", 1, "C62", 27.80m, 19, On(2, 18)),
                new("", "Übernachtung Einzelzimmer", 1, "C62", 89m, 7, On(2, 19)), new("", "Frühstück", 1, "C62", 14.50m, 19, On(2, 19)), new("", "Parkplatz", 2, "C62", 6m, 19, On(2, 19)),
            ],
        },
        new()
        {
            File = "05-auental-9004218833", Layout = Utility.Draw, Market = Markets.German, Supplier = Auental, Buyer = Acme, Xml = EmbeddedXml.XRechnung,
            Number = "9004218833", Date = On(3, 12), Due = On(3, 30), Customer = "700 418 226", Prepaid = 3300m, Note = "Ihre zwölf Abschläge von je 275,00 € sind berücksichtigt.",
            Items = [new("01.01.-31.12.2025", "Arbeitspreis", 12666, "KWH", 0.2389m, 19), new("01.01.-31.12.2025", "Grundpreis", 12, "MON", 11.90m, 19), new("01.01.-31.12.2025", "Messstellenbetrieb", 12, "MON", 1.4167m, 19)],
        },
        new()
        {
            File = "06-kessler-26-3301", Layout = DinLetter.Draw, Market = Markets.German with { Number = "Rechnungsnummer", Date = "Datum", Order = "Bestell-Nr." }, Supplier = Kessler, Buyer = Acme, Xml = EmbeddedXml.En16931,
            Number = "26-3301", Date = On(2, 26), Delivered = On(2, 24), Due = On(3, 12), Customer = "10077", PurchaseOrder = "4500-118147",
            Items =
            [
                new("GH-2200", "Gehäuse Stahl verzinkt nach Zeichnung 2200-B", 40, "C62", 61.35m, 19), new("BR-0140", "Befestigungswinkel 140 mm", 160, "C62", 2.18m, 19),
                new("LK-7016", "Pulverbeschichtung RAL 7016", 40, "C62", 8.90m, 19), new("EK-0001", "Werkzeugkostenanteil", 1, "C62", 450m, 19),
            ],
        },
        new()
        {
            File = "07-kessler-G26-0044", Layout = DinLetter.Draw, Market = Markets.German with { Number = "Gutschrift-Nr.", Date = "Datum", Order = "Bestell-Nr." }, Supplier = Kessler, Buyer = Acme, Xml = EmbeddedXml.Basic,
            Number = "G26-0044", TypeCode = "381", Preceding = "26-3301", Date = On(3, 9), Customer = "10077", PurchaseOrder = "4500-118147",
            Items = [new("GH-2200", "Gehäuse Stahl verzinkt, Rücknahme Kratzer", 3, "C62", 61.35m, 19)],
        },
        new()
        {
            File = "08-harrow-HF-20931", Layout = ColourBand.Draw, Market = Markets.British, Supplier = Harrow, Buyer = AcmeUk, Currency = "GBP",
            Number = "HF-20931", Date = On(2, 14), Due = On(3, 16), Customer = "ACM001", PurchaseOrder = "UK-7741", Note = "Printed books are zero-rated.",
            Items = [new("9780000000019", "Machining Handbook, 31st ed.", 3, "C62", 84.99m, 0), new("9780000000026", "Tolerances at Work", 2, "C62", 39.50m, 0), new("ST-11", "Archive boxes, pack of 10", 4, "C62", 18.25m, 20)],
        },
        new()
        {
            File = "09-brightpath-1187", Layout = Freelance.Draw, Market = Markets.American, Supplier = BrightPath, Buyer = AcmeUs, Currency = "USD",
            Number = "1187", Date = On(3, 11), Due = On(4, 10), PurchaseOrder = "PO-55120", Note = "Services are not subject to sales tax.",
            Items = [new("", "Discovery workshop, on site", 2, "DAY", 1850m, 0, On(2, 23)), new("", "Process mapping and report", 14.5m, "HUR", 165m, 0, On(2, 27)), new("", "Travel, at cost", 1, "C62", 412.37m, 0, On(2, 27))],
        },
        new()
        {
            File = "10-cloudbarn-INV-0088214", Layout = Freelance.Draw, Market = Markets.American, Supplier = Cloudbarn, Buyer = AcmeUs, Currency = "USD",
            Number = "INV-0088214", Date = On(3, 1), Due = On(3, 31), Customer = "acct_9f27", Note = "Usage for February 1 - February 28, 2026. Prepaid credits were applied.", Prepaid = 250m,
            Items = CloudUsage,
        },
        new()
        {
            File = "11-galway-204417", Layout = ColourBand.Draw, Market = Markets.Irish, Supplier = Galway, Buyer = AcmeUk,
            Number = "204417", Date = On(3, 6), Due = On(3, 20), Customer = "C-2290",
            Items = [new("", "Fresh salmon sides", 12.4m, "KGM", 18.60m, 0), new("", "Seaweed crackers, case", 6, "C62", 21.30m, 13.5m), new("", "Sparkling water 24 x 330 ml", 10, "C62", 11.95m, 23), new("", "Chilled delivery", 1, "C62", 25m, 23)],
        },
        new()
        {
            File = "12-papeterie-FA-2026-0117", Layout = Ledger.Draw, Market = Markets.French, Supplier = Papeterie, Buyer = AcmeFrance, Xml = EmbeddedXml.BasicWithoutLines,
            Number = "FA-2026-0117", Date = On(3, 5), Due = On(4, 4), Delivered = On(3, 4), Customer = "CL00482", PurchaseOrder = "BC-3381", Allowance = 20m,
            Items = [new("P-80A4", "Ramette papier A4 80 g", 60, "C62", 4.35m, 20), new("C-210", "Classeur à levier dos 80", 24, "C62", 3.10m, 20), new("L-33", "Agenda de bureau 2026", 8, "C62", 14.90m, 5.5m)],
        },
        new()
        {
            File = "13-azur-26030041177", Layout = Utility.Draw, Market = Markets.French, Supplier = Azur, Buyer = AcmeFrance,
            Number = "26030041177", Date = On(3, 2), Due = On(3, 18), Customer = "7 204 118 930",
            Items = [new("01/03 - 31/03/2026", "Abonnement Fibre Pro 1 Gbit/s", 1, "MON", 49.90m, 20), new("01/03 - 31/03/2026", "Adresse IP fixe", 1, "MON", 5m, 20), new("01/02 - 28/02/2026", "Appels vers mobiles hors forfait", 84, "C62", 0.125m, 20)],
        },
        new()
        {
            File = "14-lumiere-2026-009", Layout = Ledger.Draw, Market = Markets.French, Supplier = Lumiere, Buyer = AcmeFrance, Xml = EmbeddedXml.Minimum,
            Number = "2026-009", Date = On(2, 27), Due = On(3, 29), PurchaseOrder = "BC-3377", Exemption = "TVA non applicable, art. 293 B du CGI",
            Items = [new("PH-1", "Prises de vue atelier, une journée", 1, "C62", 680m, 0), new("PH-2", "Retouche d'images", 22, "C62", 14m, 0)],
        },
        new()
        {
            File = "15-fietsenhuis-F20260388", Layout = ShopColumns.Draw, Market = Markets.Dutch, Supplier = Fietsenhuis, Buyer = AcmeNl, PricesIncludeVat = true,
            Number = "F20260388", Date = On(3, 7), Contact = "mw. De Boer", Customer = "30551", Note = "Voldaan per pin op 07-03-2026.",
            Items = [new("", "Bedrijfsfiets Cargo 7, blauw", 2, "C62", 1249m, 21), new("", "Kettingslot ART-3", 2, "C62", 64.95m, 21), new("", "Onderhoudsbeurt (arbeid)", 2, "C62", 48.50m, 9)],
        },
        new()
        {
            File = "16-zonneveld-260219", Layout = ShopColumns.Draw, Market = Markets.Dutch with { Language = "nl" }, Supplier = Zonneveld, Buyer = Acme,
            Number = "260219", Date = On(2, 19), Due = On(3, 5), Contact = "Einkauf", Customer = "D-118", PurchaseOrder = "4500-118166", Exemption = "Intracommunautaire levering, BTW 0%. BTW-nummer afnemer DE999200016", ExemptCategory = "K",
            Items = [new("", "Kantoorplant Ficus 180 cm in pot", 6, "C62", 78m, 0), new("", "Plantenbak hydrocultuur", 6, "C62", 41.25m, 0), new("", "Transport naar Stuttgart", 1, "C62", 135m, 0)],
        },
        new()
        {
            File = "17-ebro-A-2026-000345", Layout = Ledger.Draw, Market = Markets.Spanish, Supplier = Ebro, Buyer = AcmeIberia,
            Number = "A/2026/000345", Date = On(3, 10), Due = On(5, 9), Delivered = On(3, 6), Customer = "430-0217", PurchaseOrder = "PC-2026-118",
            Items = IndustrialSupplies,
        },
        new()
        {
            File = "18-valdeluna-2026-77", Layout = Ledger.Draw, Market = Markets.Spanish, Supplier = Valdeluna, Buyer = AcmeIberia,
            Number = "2026/77", Date = On(2, 12), Due = On(3, 14), Customer = "1180", Allowance = 35.50m,
            Items = [new("TIN-21", "Vino tinto reserva 2021, caja 6 bot.", 10, "C62", 71m, 21), new("ACE-05", "Aceite de oliva virgen 5 l", 6, "C62", 38.40m, 4), new("EST-02", "Estuche de regalo", 10, "C62", 4.25m, 21)],
        },
        new()
        {
            File = "19-rovere-214-2026", Layout = Ledger.Draw, Market = Markets.Italian, Supplier = Rovere, Buyer = AcmeItalia,
            Number = "214/2026", Date = On(3, 9), Due = On(4, 30), Customer = "C00931", PurchaseOrder = "OA 26-0081", Charge = 38m,
            Items = [new("RV100", "Albero di trasmissione rettificato", 2, "C62", 412.80m, 22), new("RV220", "Boccola in bronzo Ø 40", 16, "C62", 12.35m, 22), new("RVMAN", "Manodopera tornitura", 5.5m, "HUR", 46m, 22)],
        },
        new()
        {
            File = "20-bianchi-17-26", Layout = ProseLetter.Draw, Market = Markets.Italian, Supplier = Bianchi, Buyer = AcmeItalia,
            Number = "17/26", Date = On(2, 28), Due = On(3, 30), PurchaseOrder = "OA 26-0064", Note = "A saldo dell'incarico per la perizia strutturale,",
            Items = [new("", "Sopralluogo e rilievo capannone B", 1, "C62", 950m, 22), new("", "Relazione di calcolo", 1, "C62", 1400m, 22), new("", "Contributo integrativo 4%", 1, "C62", 94m, 22)],
        },
        new()
        {
            File = "21-nordic-1000482213", Layout = Terminal.Draw, Market = Markets.Swedish, Supplier = Nordic, Buyer = AcmeUk, Currency = "SEK",
            Number = "1000482213", Date = On(2, 27), Due = On(3, 29), Customer = "88120", PurchaseOrder = "UK-7730", Note = "LATE PAYMENT INTEREST 8 % ABOVE REFERENCE RATE.",
            Items = Freight,
        },
        new()
        {
            File = "22-helvetia-R-26-00519", Layout = ColourBand.Draw, Market = Markets.Swiss, Supplier = Helvetia, Buyer = Acme, Currency = "CHF", RoundsToFiveCents = true,
            Number = "R-26-00519", Date = On(3, 13), Due = On(4, 12), Customer = "4471", PurchaseOrder = "4500-118301",
            Items = [new("", "Kalibrierung Messuhr, Klasse 1", 12, "C62", 96.40m, 8.1m), new("", "Prüfprotokoll nach ISO 17025", 12, "C62", 18m, 8.1m), new("", "Abholung und Rücktransport", 1, "C62", 148.72m, 8.1m)],
        },
    ];

    /// <summary>Its print asks for more than its XML: what a forger, or a bad ERP, sends.</summary>
    public static (Bill Printed, Bill Stated) PrintDiffers
    {
        get
        {
            var stated = All[5] with { File = "print-differs-26-3377", Number = "26-3377", PurchaseOrder = "4500-118255", Items = [new("GH-2300", "Gehäuse Stahl verzinkt nach Zeichnung 2300-A", 20, "C62", 66.10m, 19)] };
            return (stated with { Items = [stated.Items[0] with { Quantity = 22 }] }, stated);
        }
    }

    private static Item[] OfficeSupplies =>
    [
        new("KOP-0080", "Kopierpapier A4 80 g, Karton 2500 Blatt", 12, "C62", 21.90m, 19), new("KOP-0100", "Kopierpapier A4 100 g, Karton 2000 Blatt", 4, "C62", 26.40m, 19),
        new("ORD-0810", "Ordner 80 mm, blau", 30, "C62", 2.35m, 19), new("ORD-0811", "Ordner 80 mm, rot", 20, "C62", 2.35m, 19), new("ORD-0512", "Ordner 50 mm, grau", 25, "C62", 2.15m, 19),
        new("REG-0120", "Register A-Z, Karton", 30, "C62", 1.49m, 19), new("HUL-1000", "Prospekthüllen A4, 100 Stück", 10, "C62", 6.80m, 19), new("HEF-2406", "Heftklammern 24/6, 5000 Stück", 12, "C62", 3.25m, 19),
        new("HEF-0010", "Heftgerät bis 30 Blatt", 5, "C62", 14.70m, 19), new("LOC-0025", "Locher bis 25 Blatt", 3, "C62", 12.90m, 19), new("KUG-0500", "Kugelschreiber blau, 50 Stück", 4, "C62", 17.50m, 19),
        new("BLE-0120", "Bleistifte HB, 12 Stück", 6, "C62", 4.20m, 19), new("TEX-0004", "Textmarker, 4 Farben", 15, "C62", 3.60m, 19), new("NOT-0076", "Haftnotizen 76 x 76, 12 Blöcke", 10, "C62", 9.95m, 19),
        new("KLE-0033", "Klebefilm 19 mm x 33 m, 8 Rollen", 5, "C62", 8.40m, 19), new("PAK-0066", "Packband braun, 6 Rollen", 8, "C62", 10.20m, 19), new("UMS-0110", "Briefumschläge DL, 1000 Stück", 2, "C62", 24.80m, 19),
        new("UMS-0229", "Versandtaschen C5, 500 Stück", 2, "C62", 31.50m, 19), new("TON-2170", "Toner schwarz für Modell 2170", 4, "C62", 68.90m, 19), new("TON-2171", "Toner cyan für Modell 2170", 2, "C62", 79.90m, 19),
        new("TON-2172", "Toner magenta für Modell 2170", 2, "C62", 79.90m, 19), new("TON-2173", "Toner gelb für Modell 2170", 2, "C62", 79.90m, 19), new("TAF-0500", "Tafelreiniger 500 ml", 3, "C62", 5.95m, 19),
        new("TAF-0004", "Tafelstifte, 4 Farben", 8, "C62", 6.30m, 19), new("BAT-0024", "Batterien AA, 24 Stück", 4, "C62", 11.80m, 19), new("MUE-0060", "Müllbeutel 60 l, 100 Stück", 3, "C62", 9.40m, 19),
        new("HAN-0250", "Handtuchpapier, 20 Pakete", 4, "C62", 27.60m, 19), new("KAF-1000", "Kaffeefilter Größe 4, 200 Stück", 6, "C62", 3.90m, 19), new("ETI-0021", "Etiketten 70 x 42,3 mm, 2100 Stück", 3, "C62", 18.20m, 19),
        new("LAM-0100", "Laminierfolien A4, 100 Stück", 2, "C62", 15.70m, 19), new("SCH-0001", "Schere 21 cm", 6, "C62", 4.75m, 19), new("LIN-0030", "Lineal 30 cm, Aluminium", 6, "C62", 2.90m, 19),
    ];

    private static Item[] CloudUsage =>
    [
        .. new (string Name, decimal Quantity, decimal Price)[]
        {
            ("Compute, general, us-south, per hour", 1344, 0.0832m), ("Compute, memory, us-south, per hour", 672, 0.2016m), ("Compute, burst credits", 120, 0.05m), ("Block storage, GB-month", 2400, 0.08m),
            ("Snapshots, GB-month", 880, 0.05m), ("Object storage, GB-month", 5120, 0.021m), ("Object storage, 10k writes", 312, 0.05m), ("Object storage, 10k reads", 1480, 0.004m),
            ("Egress, GB", 940, 0.085m), ("Egress, inter-region, GB", 310, 0.02m), ("Load balancer, hours", 672, 0.0225m), ("Load balancer, capacity units", 188, 0.008m),
            ("Managed database, hours", 672, 0.29m), ("Managed database, storage GB-month", 500, 0.115m), ("Managed database, backup GB-month", 210, 0.095m), ("Queue requests, millions", 18.4m, 0.4m),
            ("Topic deliveries, millions", 3.2m, 0.5m), ("Function invocations, millions", 41.7m, 0.2m), ("Function time, 1k GB-s", 88, 0.0166m), ("Log ingestion, GB", 126, 0.5m),
            ("Log archive, GB-month", 640, 0.03m), ("Metrics, custom", 240, 0.3m), ("Alarms", 35, 0.1m), ("DNS zones", 4, 0.5m), ("DNS queries, millions", 6.1m, 0.4m), ("Key management, keys", 9, 1m), ("Support, developer plan", 1, 29m),
        }.Select(line => new Item("02/28/2026", line.Name, line.Quantity, "C62", line.Price, 8.25m)),
    ];

    private static Item[] IndustrialSupplies
    {
        get
        {
            string[] kinds = ["Tornillo hexagonal", "Tuerca autoblocante", "Arandela plana", "Rodamiento de bolas", "Junta tórica", "Correa trapezoidal", "Manguera hidráulica", "Racor recto", "Válvula de bola", "Filtro de aceite", "Broca HSS"];
            string[] sizes = ["M6", "M8", "M10", "M12", "M16"];
            return
            [
                .. from size in Enumerable.Range(0, sizes.Length)
                   from kind in Enumerable.Range(0, kinds.Length)
                   select new Item($"{kind + 10}{size + 1:00}", $"{kinds[kind]} {sizes[size]}", 5 + (kind * 7 + size * 3) % 40, "C62", 0.35m + kind * 1.15m + size * 0.42m, 21),
            ];
        }
    }

    private static Item[] Freight =>
    [
        .. from week in Enumerable.Range(5, 4)
           from leg in new[] { ("GOT-IMM", 2890m), ("IMM-LDS", 1460m), ("LDS-IMM", 1310m), ("IMM-GOT", 2740m), ("TERMINAL", 385m), ("CUSTOMS", 520m), ("FUEL 11,5 %", 966m) }
           select new Item($"W{week:00}-{leg.Item1[..3]}", $"FREIGHT {leg.Item1} WEEK {week:00}", 1 + week % 2, "C62", leg.Item2, leg.Item1 is "CUSTOMS" ? 0 : 25),
    ];

    private static DateOnly On(int month, int day) => new(2026, month, day);
}
