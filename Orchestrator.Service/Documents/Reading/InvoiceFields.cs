namespace Orchestrator.Service.Documents.Reading;

/// <summary>An invoice's fields under the terms of EN 16931. What could not be decided is null, never guessed.</summary>
public sealed record InvoiceFields
{
    /// <summary>BT-1, the invoice's number.</summary>
    public Field<string>? Number { get; init; }

    /// <summary>BT-2, the date of issue.</summary>
    public Field<DateOnly>? IssueDate { get; init; }

    /// <summary>BT-3, the type: 380 invoice, 381 credit note, 384 correction, 389 self-billed and others.</summary>
    public Field<string>? Type { get; init; }

    /// <summary>BT-5, the currency as its three letters.</summary>
    public Field<string>? Currency { get; init; }

    /// <summary>BT-9, the date when payment is due.</summary>
    public Field<DateOnly>? DueDate { get; init; }

    /// <summary>BT-13, the buyer's order.</summary>
    public Field<string>? PurchaseOrder { get; init; }

    /// <summary>BT-25, the invoice that this one corrects or credits.</summary>
    public Field<string>? PrecedingInvoice { get; init; }

    /// <summary>BT-27, the supplier's name.</summary>
    public Field<string>? Supplier { get; init; }

    /// <summary>BT-31, the supplier's VAT identifier.</summary>
    public Field<string>? SupplierVat { get; init; }

    /// <summary>BT-84, the account to pay to.</summary>
    public Field<string>? SupplierIban { get; init; }

    /// <summary>BT-44, the buyer's name.</summary>
    public Field<string>? Buyer { get; init; }

    /// <summary>BT-48, the buyer's VAT identifier.</summary>
    public Field<string>? BuyerVat { get; init; }

    /// <summary>BT-106, the sum of the lines.</summary>
    public Field<decimal>? LineTotal { get; init; }

    /// <summary>BT-107, the sum of allowances.</summary>
    public Field<decimal>? Allowances { get; init; }

    /// <summary>BT-108, the sum of charges.</summary>
    public Field<decimal>? Charges { get; init; }

    /// <summary>BT-109, the total without VAT.</summary>
    public Field<decimal>? Net { get; init; }

    /// <summary>BT-110, the VAT.</summary>
    public Field<decimal>? Tax { get; init; }

    /// <summary>BT-112, the total with VAT.</summary>
    public Field<decimal>? Gross { get; init; }

    /// <summary>BT-113, what was paid before.</summary>
    public Field<decimal>? Prepaid { get; init; }

    /// <summary>BT-114, what was rounded.</summary>
    public Field<decimal>? Rounding { get; init; }

    /// <summary>BT-115, what remains to be paid.</summary>
    public Field<decimal>? Payable { get; init; }

    /// <summary>BG-23, the VAT by rate.</summary>
    public IReadOnlyList<VatRow> Vat { get; init; } = [];

    /// <summary>BG-25, the lines; only structured data has them.</summary>
    public IReadOnlyList<InvoiceLine> Lines { get; init; } = [];

    /// <summary>The terms of the four fields without which a document is never complete.</summary>
    public IReadOnlyList<string> Missing =>
    [
        .. Number is null ? ["number"] : Array.Empty<string>(),
        .. IssueDate is null ? ["date"] : Array.Empty<string>(),
        .. Currency is null ? ["currency"] : Array.Empty<string>(),
        .. Gross is null ? ["gross"] : Array.Empty<string>(),
    ];
}

/// <summary>One rate of the VAT breakdown: BT-116, 117, 118, 119.</summary>
public sealed record VatRow(decimal? Base, decimal? Tax, string? Category, decimal? Rate);

/// <summary>One line: BT-126, 153, 129, 130, 146, 131, 152.</summary>
public sealed record InvoiceLine(string? Id, string? Name, decimal? Quantity, string? Unit, decimal? Price, decimal? Net, decimal? VatRate);
