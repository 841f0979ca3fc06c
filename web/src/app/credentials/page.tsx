import { CredentialsList } from "@/features/credentials/credentials-list";

export default function Page() {
  return <CredentialsList />;
}
