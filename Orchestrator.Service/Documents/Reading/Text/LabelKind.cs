namespace Orchestrator.Service.Documents.Reading.Text;

/// <summary>What a printed label announces.</summary>
internal enum LabelKind
{
    /// <summary>The invoice's number, beyond doubt.</summary>
    Number,

    /// <summary>The kind of document itself, after which its number often stands.</summary>
    Title,

    /// <summary>Some number, the invoice's own where nothing says otherwise.</summary>
    AnyNumber,

    /// <summary>The number of something else.</summary>
    OtherNumber,

    /// <summary>The number of the invoice that this one corrects.</summary>
    PrecedingInvoice,

    /// <summary>The buyer's order.</summary>
    PurchaseOrder,

    /// <summary>The date of issue, beyond doubt.</summary>
    IssueDate,

    /// <summary>Some date, the date of issue where nothing says otherwise.</summary>
    AnyDate,

    /// <summary>The date when payment is due.</summary>
    DueDate,

    /// <summary>A date of something else: delivery, service, order, period, print.</summary>
    OtherDate,

    /// <summary>The total without VAT.</summary>
    Net,

    /// <summary>A sum before something else, mostly without VAT.</summary>
    Subtotal,

    /// <summary>VAT or another tax on the total.</summary>
    Tax,

    /// <summary>The total with VAT.</summary>
    Gross,

    /// <summary>Some total.</summary>
    Total,

    /// <summary>What remains to be paid.</summary>
    Payable,

    /// <summary>What was paid before.</summary>
    Prepaid,

    /// <summary>An amount that is none of the totals.</summary>
    OtherAmount,

    /// <summary>The currency.</summary>
    Currency,

    /// <summary>The supplier.</summary>
    Seller,

    /// <summary>The buyer, or where the goods go.</summary>
    Buyer,

    /// <summary>A VAT or tax identifier.</summary>
    VatId,

    /// <summary>The buyer's VAT identifier.</summary>
    BuyerVatId,
}
