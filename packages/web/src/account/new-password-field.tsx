import { Field } from "../controls/field.tsx";
import { useText } from "../language/language.tsx";

/** Where a password is chosen. The server asks for the same lengths. */
export function NewPasswordField({ label, name = "password" }: { label: string; name?: string }) {
  return (
    <Field
      label={label}
      name={name}
      type="password"
      autoComplete="new-password"
      hint={useText().account.passwordHint}
      minLength={10}
      maxLength={128}
      required
    />
  );
}
