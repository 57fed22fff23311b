/** Why the program doesn't log in, though the server would let it: what it asks for would give the password away, or it
 *  isn't proven to be the right one. Not the driver's, and so never tried again. */
export class LoginRefusal extends Error {
  override readonly name = 'LoginRefusal';
  /** What to do about it. */
  readonly hint: string;

  constructor(reason: string, hint: string, options?: ErrorOptions) {
    super(reason, options);
    this.hint = hint;
  }
}
