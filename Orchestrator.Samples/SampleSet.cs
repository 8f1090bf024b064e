using System.Text;
using Orchestrator.Samples.Bills;
using Orchestrator.Samples.Files;
using Orchestrator.Samples.Pdf;
using Orchestrator.Samples.Xml;

namespace Orchestrator.Samples;

/// <summary>A file under `samples/`; the path is relative to it.</summary>
internal sealed record SampleFile(string Path, byte[] Content)
{
    public SampleFile(string path, string text) : this(path, Encoding.UTF8.GetBytes(text)) { }
}

/// <summary>Everything under `samples/` but its README. No clock, no chance: a second run gives the same bytes.</summary>
internal static class SampleSet
{
    public static async Task<IReadOnlyList<SampleFile>> CreateAsync()
    {
        var invoices = Invoices.All.Select(bill => Draw(bill, "invoices")).ToList();
        var (printed, stated) = Invoices.PrintDiffers;
        var differs = Draw(printed, "special", stated);
        var standalone = StandaloneXml();
        var merged = new SampleFile("22-invoices.pdf", await Qpdf.MergeAsync([.. invoices.Select(invoice => invoice.File.Content)]));
        var mail = Mail.Write(invoices[11].File, invoices[0].File, standalone[1].File);
        List<Drawn> stating = [.. invoices, differs with { Bill = stated }];
        return
        [
            .. invoices.Select(invoice => invoice.File),
            differs.File,
            .. standalone.Select(xml => xml.File),
            merged,
            new("22-invoices.map.json", MergedMap.Write(merged, invoices)),
            new("truth.tsv", Truth.Write([.. stating, .. standalone])),
            new("purchase-orders.csv", PurchaseOrders.Write(stating)),
            mail,
            .. Events.Write(merged, mail),
            .. await BadFiles.WriteAsync(invoices[1].File, standalone[1].File),
        ];
    }

    private static Drawn Draw(Bill bill, string folder, Bill? stated = null)
    {
        var pdf = new PdfDocument(bill.File, $"{bill.Supplier.Domain} billing");
        bill.Layout(bill, pdf);
        if (bill.Xml is not EmbeddedXml.None)
        {
            // The lower profiles only describe the print; the others are the invoice as much as the print is.
            var relationship = bill.Xml is EmbeddedXml.Minimum or EmbeddedXml.BasicWithoutLines ? "Data" : "Alternative";
            pdf.Attach(bill.Xml is EmbeddedXml.XRechnung ? "xrechnung.xml" : "factur-x.xml", Cii.Write(stated ?? bill, bill.Xml), relationship);
        }
        return new(bill, new($"{folder}/{bill.File}.pdf", pdf.ToBytes()), pdf.Pages.Count);
    }

    // The first two are the same invoice in both syntaxes.
    private static List<Drawn> StandaloneXml()
    {
        var (invoice, credit, foreign) = (Invoices.All[5], Invoices.All[6], Invoices.All[16]);
        return
        [
            new(invoice, new("xml/26-3301.cii.xml", Cii.Write(invoice, EmbeddedXml.En16931)), 0),
            new(invoice, new("xml/26-3301.ubl.xml", Ubl.Write(invoice)), 0),
            new(credit, new("xml/G26-0044.ubl.xml", Ubl.Write(credit)), 0),
            new(foreign, new("xml/A-2026-000345.ubl.xml", Ubl.Write(foreign)), 0),
        ];
    }
}

/// <summary>A bill and the file that holds it; no pages where the file is XML.</summary>
internal sealed record Drawn(Bill Bill, SampleFile File, int Pages);
