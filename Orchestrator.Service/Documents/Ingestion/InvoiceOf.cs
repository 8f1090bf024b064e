using Orchestrator.Persistence.Documents;
using Orchestrator.Service.Documents.Matching;
using Orchestrator.Service.Documents.Reading;

namespace Orchestrator.Service.Documents.Ingestion;

/// <summary>What was read, with its evidence, as the plain invoice that the other workers judge.</summary>
internal static class InvoiceOf
{
    /// <summary>
    /// The profile stays unknown: the reader gives neither countries nor payment terms, and the rules of a profile would accuse
    /// the document of what was only not read.
    /// </summary>
    public static Invoice Fields(InvoiceFields fields) => new()
    {
        Number = fields.Number?.Value,
        IssueDate = fields.IssueDate?.Value,
        TypeCode = fields.Type?.Value,
        Currency = fields.Currency?.Value,
        DueDate = fields.DueDate?.Value,
        PurchaseOrder = fields.PurchaseOrder?.Value,
        PrecedingInvoice = fields.PrecedingInvoice?.Value,
        Supplier = new() { Name = fields.Supplier?.Value, VatId = fields.SupplierVat?.Value, Iban = fields.SupplierIban?.Value },
        Buyer = new() { Name = fields.Buyer?.Value, VatId = fields.BuyerVat?.Value },
        LinesTotal = fields.LineTotal?.Value,
        Allowances = fields.Allowances?.Value,
        Charges = fields.Charges?.Value,
        Net = fields.Net?.Value,
        Tax = fields.Tax?.Value,
        Gross = fields.Gross?.Value,
        Prepaid = fields.Prepaid?.Value,
        Rounding = fields.Rounding?.Value,
        Payable = fields.Payable?.Value,
        VatLines = [.. fields.Vat.Select(row => new VatLine { Base = row.Base, Tax = row.Tax, Category = row.Category, Rate = row.Rate })],
        Lines = [.. fields.Lines.Select(line => new Documents.InvoiceLine
        {
            Id = line.Id,
            Name = line.Name,
            Quantity = line.Quantity,
            Unit = line.Unit,
            Price = line.Price,
            Net = line.Net,
            VatRate = line.VatRate,
        })],
    };

    /// <summary>The invoice of a stored reading.</summary>
    public static Invoice Stored(ExtractionRow extraction) => Fields(StoredJson.Read<InvoiceFields>(extraction.Fields));

    /// <summary>The columns by which it is compared with others.</summary>
    public static ComparedColumns Columns(Invoice invoice, string? textHash) => new()
    {
        SupplierName = StoredJson.Storable(invoice.Supplier.Name),
        SupplierVat = StoredJson.Storable(invoice.Supplier.VatId),
        Number = StoredJson.Storable(invoice.Number),
        NumberNorm = Identifiers.Normalise(StoredJson.Storable(invoice.Number)) is { Length: > 0 } number ? number : null,
        IssueDate = invoice.IssueDate,
        TypeCode = StoredJson.Storable(invoice.TypeCode),
        Currency = StoredJson.Storable(invoice.Currency),
        Net = Amounts.NetOf(invoice),
        Gross = invoice.Gross,
        TextHash = textHash,
    };
}
