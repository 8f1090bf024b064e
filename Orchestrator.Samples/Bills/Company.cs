using System.Globalization;

namespace Orchestrator.Samples.Bills;

/// <summary>A fictional company. Its VAT id is well formed and belongs to nobody.</summary>
internal sealed record Company(
    string Name, string Street, string PostCode, string City, string Country, string? VatId, string? TaxNumber, string? Account, string Domain, string Phone)
{
    public string Place => Country switch
    {
        "GB" => $"{City} {PostCode}",
        "US" => $"{City} {PostCode}",
        _ => $"{PostCode} {City}",
    };

    /// <summary>Right check digits over a bank that does not exist, so that a checksum rule has nothing to say.</summary>
    public string? Iban => Account is null ? null : Country + CheckDigits(Country, Account) + Account;

    public string? IbanInGroups => Iban is null ? null : string.Join(' ', Iban.Chunk(4).Select(group => new string(group)));

    // ISO 7064 mod 97-10: the account, the country as numbers (A = 10), two zeros.
    private static string CheckDigits(string country, string account)
    {
        var rest = (account + country + "00").Aggregate(0, (sum, letter) =>
            char.IsAsciiDigit(letter) ? (sum * 10 + (letter - '0')) % 97 : (sum * 100 + (letter - 'A' + 10)) % 97);
        return (98 - rest).ToString("00", CultureInfo.InvariantCulture);
    }
}
