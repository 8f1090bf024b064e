using System.Globalization;

namespace Orchestrator.Samples.Bills;

/// <summary>How a country's suppliers write words, numbers and dates.</summary>
internal sealed record Market
{
    public required string Language { get; init; }
    public required string Group { get; init; }
    public required string Decimal { get; init; }
    public required Func<DateOnly, string> ShortDate { get; init; }
    public required Func<DateOnly, string> LongDate { get; init; }
    public required string Invoice { get; init; }
    public required string CreditNote { get; init; }
    public required string Number { get; init; }
    public required string Date { get; init; }
    public required string Due { get; init; }
    public required string Delivered { get; init; }
    public required string Customer { get; init; }
    public required string Order { get; init; }
    public required string Preceding { get; init; }
    public required string BillTo { get; init; }
    public required string Pos { get; init; }
    public required string Item { get; init; }
    public required string Quantity { get; init; }
    public required string Price { get; init; }
    public required string Amount { get; init; }
    public required string Vat { get; init; }
    public required string VatId { get; init; }
    public required string TaxNumber { get; init; }
    public required string Base { get; init; }
    public required string Lines { get; init; }
    public required string Allowance { get; init; }
    public required string Charge { get; init; }
    public required string Net { get; init; }
    public required string Gross { get; init; }
    public required string Prepaid { get; init; }
    public required string Rounding { get; init; }
    public required string Payable { get; init; }
    public required string CarriedForward { get; init; }
    public required string BroughtForward { get; init; }
    public required string Contact { get; init; }
    public required string Page { get; init; }
    public required string Of { get; init; }
    public required string Thanks { get; init; }
    public required string PayTo { get; init; }
    public required string Credit { get; init; }

    public string Money(decimal amount) => Written(amount, "#,##0.00");

    public string Price4(decimal price) => Written(price, "#,##0.00##");

    public string Count(decimal quantity) => Written(quantity, "#,##0.###");

    public string Percent(decimal rate) => Written(rate, "0.##") + (Language is "en" or "it" or "nl" ? "%" : " %");

    private string Written(decimal value, string format) => value.ToString(format, new NumberFormatInfo
    {
        NumberDecimalSeparator = Decimal,
        NumberGroupSeparator = Group,
        NegativeSign = "-",
    });
}
