namespace Orchestrator.Samples.Bills;

/// <summary>What one invoice says. All totals follow from the items, so the samples can't contradict themselves by accident.</summary>
internal sealed record Bill
{
    /// <summary>The file's name without its ending.</summary>
    public required string File { get; init; }
    public required Company Supplier { get; init; }
    public required Company Buyer { get; init; }
    public required Market Market { get; init; }
    public required string Number { get; init; }
    public string TypeCode { get; init; } = "380";
    public string? Preceding { get; init; }
    public required DateOnly Date { get; init; }
    public DateOnly? Due { get; init; }
    public DateOnly? Delivered { get; init; }
    public string Currency { get; init; } = "EUR";
    public string? PurchaseOrder { get; init; }
    public string? Customer { get; init; }
    public string? Contact { get; init; }
    public required IReadOnlyList<Item> Items { get; init; }
    /// <summary>Consumer bills: the items' prices hold the VAT already.</summary>
    public bool PricesIncludeVat { get; init; }
    /// <summary>Taken off the net total; taxed like the highest rate.</summary>
    public decimal Allowance { get; init; }
    /// <summary>Freight, put on the net total; taxed like the highest rate.</summary>
    public decimal Charge { get; init; }
    public decimal Prepaid { get; init; }
    /// <summary>Swiss cash: what is due is rounded to 0.05.</summary>
    public bool RoundsToFiveCents { get; init; }
    /// <summary>Why no VAT is charged, where none is.</summary>
    public string? Exemption { get; init; }
    public string ExemptCategory { get; init; } = "E";
    public string? Note { get; init; }
    public EmbeddedXml Xml { get; init; }
    public required Action<Bill, Pdf.PdfDocument> Layout { get; init; }

    public decimal LinesTotal => PricesIncludeVat ? VatLines.Sum(line => line.Base) : Items.Sum(item => item.Amount);
    public decimal Net => PricesIncludeVat ? LinesTotal : LinesTotal - Allowance + Charge;
    public decimal Tax => VatLines.Sum(line => line.Tax);
    public decimal Gross => Net + Tax;
    public decimal Rounding => RoundsToFiveCents ? Math.Round(Gross * 20, MidpointRounding.AwayFromZero) / 20 - Gross : 0;
    public decimal Payable => Gross - Prepaid + Rounding;

    public IReadOnlyList<VatAmount> VatLines
    {
        get
        {
            var highest = Items.Max(item => item.Rate);
            return
            [
                .. Items.GroupBy(item => item.Rate).OrderByDescending(group => group.Key).Select(group =>
                {
                    var sum = group.Sum(item => item.Amount) + (group.Key == highest ? Charge - Allowance : 0);
                    var net = PricesIncludeVat ? Round(sum / (1 + group.Key / 100)) : sum;
                    return new VatAmount(group.Key, net, PricesIncludeVat ? sum - net : Round(net * group.Key / 100), Category(group.Key));
                }),
            ];
        }
    }

    public string Category(decimal rate) => rate > 0 ? "S" : Exemption is null ? "Z" : ExemptCategory;

    public static decimal Round(decimal amount) => Math.Round(amount, 2, MidpointRounding.AwayFromZero);
}

internal sealed record Item(string Code, string Name, decimal Quantity, string Unit, decimal Price, decimal Rate, DateOnly? On = null)
{
    public decimal Amount => Bill.Round(Quantity * Price);
}

internal sealed record VatAmount(decimal Rate, decimal Base, decimal Tax, string Category);

/// <summary>What XML the PDF carries.</summary>
internal enum EmbeddedXml
{
    None,
    Minimum,
    BasicWithoutLines,
    Basic,
    En16931,
    XRechnung,
}
