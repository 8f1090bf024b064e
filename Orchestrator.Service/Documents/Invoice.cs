namespace Orchestrator.Service.Documents;

/// <summary>
/// One invoice as plain values, named after EN 16931's business terms (the BT numbers stand beside them). What the
/// document does not say is null, or an empty list. Amounts carry the sign that the document gives them: a credit note
/// (381) has positive amounts, a correction (384) may have negative ones.
/// </summary>
public sealed record Invoice
{
    /// <summary>BT-1, as written.</summary>
    public string? Number { get; init; }
    /// <summary>BT-2.</summary>
    public DateOnly? IssueDate { get; init; }
    /// <summary>BT-3, the UNTDID 1001 code: 380 invoice, 381 credit note, 384 correction, 389 self-billed, 326 partial.</summary>
    public string? TypeCode { get; init; }
    /// <summary>BT-5, ISO 4217.</summary>
    public string? Currency { get; init; }
    /// <summary>BT-9.</summary>
    public DateOnly? DueDate { get; init; }
    /// <summary>BT-10.</summary>
    public string? BuyerReference { get; init; }
    /// <summary>BT-12.</summary>
    public string? Contract { get; init; }
    /// <summary>BT-13.</summary>
    public string? PurchaseOrder { get; init; }
    /// <summary>BT-15.</summary>
    public string? ReceivingAdvice { get; init; }
    /// <summary>BT-16.</summary>
    public string? DespatchAdvice { get; init; }
    /// <summary>BT-20.</summary>
    public string? PaymentTerms { get; init; }
    /// <summary>BT-24, the specification identifier as written; <see cref="Profile"/> is what it means.</summary>
    public string? Specification { get; init; }
    /// <summary>What BT-24 promises; decides which rules apply.</summary>
    public InvoiceProfile Profile { get; init; }
    /// <summary>BT-25, the number of the invoice that this one credits or corrects.</summary>
    public string? PrecedingInvoice { get; init; }
    /// <summary>BT-72.</summary>
    public DateOnly? DeliveryDate { get; init; }
    /// <summary>BT-81, UNTDID 4461.</summary>
    public string? PaymentMeans { get; init; }
    /// <summary>BT-83.</summary>
    public string? Remittance { get; init; }

    /// <summary>BG-4, with the account that is to be paid (BT-84).</summary>
    public Party Supplier { get; init; } = Party.Unknown;
    /// <summary>BG-7.</summary>
    public Party Buyer { get; init; } = Party.Unknown;

    /// <summary>BT-106, the sum of the lines' net amounts.</summary>
    public decimal? LinesTotal { get; init; }
    /// <summary>BT-107, allowances on the document.</summary>
    public decimal? Allowances { get; init; }
    /// <summary>BT-108, charges on the document.</summary>
    public decimal? Charges { get; init; }
    /// <summary>BT-109, the total without VAT.</summary>
    public decimal? Net { get; init; }
    /// <summary>BT-110, the VAT.</summary>
    public decimal? Tax { get; init; }
    /// <summary>BT-112, the total with VAT.</summary>
    public decimal? Gross { get; init; }
    /// <summary>BT-113.</summary>
    public decimal? Prepaid { get; init; }
    /// <summary>BT-114.</summary>
    public decimal? Rounding { get; init; }
    /// <summary>BT-115, what is due for payment.</summary>
    public decimal? Payable { get; init; }

    /// <summary>BG-23, one entry per category and rate.</summary>
    public IReadOnlyList<VatLine> VatLines { get; init; } = [];
    /// <summary>BG-25.</summary>
    public IReadOnlyList<InvoiceLine> Lines { get; init; } = [];

    /// <summary>A document that takes money back. Its amounts are positive all the same.</summary>
    public bool IsCreditNote => TypeCode is "81" or "83" or "261" or "296" or "308" or "381" or "396" or "420" or "458" or "532";

    /// <summary>A document that replaces or reverses an earlier one.</summary>
    public bool IsCorrection => TypeCode is "384";
}

/// <summary>A supplier (BG-4) or a buyer (BG-7).</summary>
public sealed record Party
{
    public static readonly Party Unknown = new();

    /// <summary>BT-27 or BT-44.</summary>
    public string? Name { get; init; }
    /// <summary>BT-31 or BT-48.</summary>
    public string? VatId { get; init; }
    /// <summary>BT-32; suppliers only.</summary>
    public string? TaxNumber { get; init; }
    /// <summary>BT-29 or BT-46, an identifier that both sides agreed on (a GLN, a customer number).</summary>
    public string? Identifier { get; init; }
    /// <summary>BT-84; suppliers only.</summary>
    public string? Iban { get; init; }
    /// <summary>BT-40 or BT-55, ISO 3166-1 alpha-2.</summary>
    public string? Country { get; init; }
}

/// <summary>One entry of the VAT breakdown (BG-23).</summary>
public sealed record VatLine
{
    /// <summary>BT-116.</summary>
    public decimal? Base { get; init; }
    /// <summary>BT-117.</summary>
    public decimal? Tax { get; init; }
    /// <summary>BT-118, UNTDID 5305: S standard, Z zero, E exempt, AE reverse charge, K intra-community, G export, O outside.</summary>
    public string? Category { get; init; }
    /// <summary>BT-119, in per cent.</summary>
    public decimal? Rate { get; init; }
    /// <summary>BT-120 or BT-121.</summary>
    public string? ExemptionReason { get; init; }
}

/// <summary>One line (BG-25).</summary>
public sealed record InvoiceLine
{
    /// <summary>BT-126.</summary>
    public string? Id { get; init; }
    /// <summary>BT-129.</summary>
    public decimal? Quantity { get; init; }
    /// <summary>BT-130, UN/ECE Rec 20.</summary>
    public string? Unit { get; init; }
    /// <summary>BT-131.</summary>
    public decimal? Net { get; init; }
    /// <summary>BT-132.</summary>
    public string? PurchaseOrderLine { get; init; }
    /// <summary>BT-146.</summary>
    public decimal? Price { get; init; }
    /// <summary>BT-149; null means 1.</summary>
    public decimal? PriceBaseQuantity { get; init; }
    /// <summary>BT-151.</summary>
    public string? VatCategory { get; init; }
    /// <summary>BT-152, in per cent.</summary>
    public decimal? VatRate { get; init; }
    /// <summary>BT-153.</summary>
    public string? Name { get; init; }
    /// <summary>BT-155, the supplier's number of the item.</summary>
    public string? SupplierItem { get; init; }
    /// <summary>BT-157, usually a GTIN.</summary>
    public string? StandardItem { get; init; }
}

/// <summary>How much an invoice promises to say. <see cref="Minimum"/> and <see cref="BasicWithoutLines"/> are no full EN 16931 invoices.</summary>
public enum InvoiceProfile
{
    /// <summary>Nothing was promised: read from print, or BT-24 is missing or unknown.</summary>
    Unknown,
    /// <summary>Factur-X MINIMUM: a header, the totals, no VAT breakdown, no prepaid amount.</summary>
    Minimum,
    /// <summary>Factur-X BASIC WL: header, totals and VAT breakdown, no lines.</summary>
    BasicWithoutLines,
    /// <summary>Factur-X BASIC and ZUGFeRD 1 BASIC.</summary>
    Basic,
    /// <summary>EN 16931 itself, with national and Peppol rules on top (XRechnung, BIS Billing), and ZUGFeRD 1 COMFORT.</summary>
    En16931,
    /// <summary>Factur-X EXTENDED and ZUGFeRD 1 EXTENDED.</summary>
    Extended,
}
